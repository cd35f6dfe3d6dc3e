#include "thimble/cli/running_server_test.hpp"

#include <sys/stat.h>

namespace thimble::cli {
namespace {

std::string admin_sign_in(const RunningServer& server) {
    return std::to_string(server
                              .ask(
                                  {"POST",
                                   "/api/v1/session",
                                   R"({"name":"admin","password":"correct horse battery"})"})
                              .status);
}

TestOutcome command(std::vector<std::string> words, const std::filesystem::path& data) {
    words.insert(words.end(), {"--data", data.string()});
    return run_server_command(std::move(words));
}

void overwrite(const std::filesystem::path& file, std::size_t at, const std::string& bytes) {
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(static_cast<std::streamoff>(at));
    out << bytes;
}

}  // namespace

TEST(Backup, OfARunningServerIsAServerAgain) {
    const ScratchFolder folder;
    std::filesystem::path identity = folder / "host";
    std::string host_id;
    {
        RunningServer server(folder / "data");
        server.let_admin_in();
        host_id = enrol_host(server, make_enrolment_token(server, true), identity);
        const TestOutcome backup =
            command({"server", "backup", (folder / "backup").string()}, folder / "data");
        ASSERT_EQ(backup.status, 0) << backup.output;
    }
    struct stat info{};
    ASSERT_EQ(::stat((folder / "backup").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);

    const TestOutcome restored =
        command({"server", "restore", (folder / "backup").string()}, folder / "again");

    ASSERT_EQ(restored.status, 0) << restored.output;
    const RunningServer again(folder / "again");
    EXPECT_EQ(admin_sign_in(again), "200");
    EXPECT_EQ(again.ask({"GET", "/agent/v1/jobs"}, identity).status, 200);
}

TEST(Backup, NeverOverwritesAndLeavesNoHalf) {
    const ScratchFolder folder;
    { const RunningServer server(folder / "data"); }
    std::ofstream(folder / "taken") << "mine";

    EXPECT_NE(
        command({"server", "backup", (folder / "taken").string()}, folder / "data").status, 0);
    EXPECT_EQ(contents_of(folder / "taken"), "mine");
    std::filesystem::remove(folder / "data/keys/server.key");
    EXPECT_NE(command({"server", "backup", (folder / "new").string()}, folder / "data").status, 0);
    EXPECT_FALSE(std::filesystem::exists(folder / "new"));
}

TEST(Restore, RefusesADamagedBackupAndAFolderThatIsThere) {
    const ScratchFolder folder;
    { const RunningServer server(folder / "data"); }
    const std::string backup = (folder / "backup").string();
    ASSERT_EQ(command({"server", "backup", backup}, folder / "data").status, 0);

    EXPECT_NE(
        command({"server", "restore", backup}, folder / "data").output.find("[server.data_exists]"),
        std::string::npos);
    for (const std::uintmax_t size :
         {std::uintmax_t{0}, std::uintmax_t{1000}, std::filesystem::file_size(backup) / 2}) {
        std::filesystem::copy_file(
            backup, folder / "short", std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(folder / "short", size);
        EXPECT_NE(
            command({"server", "restore", (folder / "short").string()}, folder / "again").status, 0)
            << size;
        EXPECT_FALSE(std::filesystem::exists(folder / "again"));
        EXPECT_FALSE(std::filesystem::exists(folder / "again.restoring"));
    }
}

TEST(Check, FindsDamageInDatabaseChainAndKeys) {
    const ScratchFolder folder;
    {
        RunningServer server(folder / "data");
        server.let_admin_in();
    }
    const auto check = [&] {
        return command({"server", "check"}, folder / "data");
    };
    const TestOutcome whole = check();
    ASSERT_EQ(whole.status, 0) << whole.output;
    EXPECT_NE(whole.output.find("Audit log: 4 entries, head 4:"), std::string::npos)
        << whole.output;

    const std::string database = contents_of(folder / "data/thimble.db");
    const std::size_t actor = database.rfind("session.create");
    ASSERT_NE(actor, std::string::npos);
    overwrite(folder / "data/thimble.db", actor, "session.forged");
    EXPECT_NE(check().output.find("[store.broken_chain]"), std::string::npos);
    overwrite(folder / "data/thimble.db", actor, "session.create");
    EXPECT_EQ(check().status, 0);

    std::filesystem::remove(folder / "data/keys/authority.key");
    EXPECT_NE(check().output.find("[server.bad_key]"), std::string::npos);
    EXPECT_EQ(command({"server", "check"}, folder / "nowhere").status, 66);
}

TEST(Audit, IsExportedAndItsNotedHeadIsHeldAgainstIt) {
    const ScratchFolder folder;
    { const RunningServer server(folder / "data"); }

    const TestOutcome exported = command({"audit", "export"}, folder / "data");
    const TestOutcome verified = command({"audit", "verify"}, folder / "data");
    ASSERT_EQ(verified.status, 0) << verified.output;
    const std::size_t at = verified.output.find("head ") + 5;
    const std::string head = verified.output.substr(at, verified.output.find('\n') - at);

    EXPECT_TRUE(exported.output.starts_with("{\"sequence\":1,")) << exported.output;
    EXPECT_EQ(command({"audit", "verify", "--head", head}, folder / "data").status, 0);
    EXPECT_NE(
        command({"audit", "verify", "--head", "1:00"}, folder / "data")
            .output.find("[store.broken_chain]"),
        std::string::npos);
    EXPECT_EQ(command({"audit", "verify", "--head", "x"}, folder / "data").status, 64);
}

}  // namespace thimble::cli
