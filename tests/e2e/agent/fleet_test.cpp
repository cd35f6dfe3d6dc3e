// A real agent against the real server, in a root directory of its own.
#include "thimble/cli/running_server_test.hpp"
#include "thimble/store/hosts.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace thimble {
namespace {

namespace fs = std::filesystem;
using cli::contents_of;
using cli::RunningServer;
using cli::ScratchFolder;
using cli::TestOutcome;
using cli::TestProgram;

/// A server, and a host that can enrol with it.
struct Fleet {
    ScratchFolder folder;
    RunningServer server{folder / "data"};
    fs::path state = folder / "agent";
    fs::path root = folder / "root";

    Fleet() {
        server.let_admin_in();
        fs::create_directories(root / "etc");
        fs::create_directories(root / "var/lib/dpkg");
        std::ofstream(root / "etc/os-release") << "ID=debian\nVERSION_ID=\"12\"\n";
        set_version("1.0-1");
    }
    void set_version(const std::string& version) const {
        std::ofstream(root / "var/lib/dpkg/status")
            << "Package: t-lib\nStatus: install ok installed\nArchitecture: amd64\nVersion: "
            << version << "\n\n";
    }
    [[nodiscard]] TestOutcome agent(std::vector<std::string> words) const {
        words.insert(words.begin(), THIMBLE_AGENT);
        words.insert(words.end(), {"--state", state.string()});
        return TestProgram(std::move(words)).rest();
    }
    [[nodiscard]] TestOutcome enrol(const std::string& token) const {
        return agent(
            {"enrol", server.address(), token, "--helper-state", (folder / "helper").string()});
    }
    [[nodiscard]] TestOutcome check_in() const {
        return agent({"check-in", "--root", root.string()});
    }
    /// What the server's database says of the one host, once the server has ended.
    [[nodiscard]] store::HostRecord host_after_stop() {
        server.stop();
        auto connection = store::Connection::open(
            {store::DatabaseAddress::Kind::Sqlite, (folder / "data/thimble.db").string()});
        const auto hosts = store::all_hosts(*connection);
        return hosts && hosts->size() == 1 ? hosts->front() : store::HostRecord();
    }
    /// The digests of documents that the agent holds and that begin so.
    [[nodiscard]] std::vector<std::string> held(const std::string& format) const {
        std::vector<std::string> digests;
        for (const auto& entry : fs::directory_iterator(state)) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with("document-")
                && contents_of(entry.path()).starts_with("{\"format\":\"" + format)) {
                digests.push_back(name.substr(9, 64));
            }
        }
        return digests;
    }
};

TEST(FleetOfOne, EnrolsWithATokenAndTellsItsInventory) {
    Fleet fleet;

    const TestOutcome enrolled = fleet.enrol(cli::make_enrolment_token(fleet.server, false));
    ASSERT_EQ(enrolled.status, 0) << enrolled.output;
    const TestOutcome checked_in = fleet.check_in();
    ASSERT_EQ(checked_in.status, 0) << checked_in.output;

    const auto digests = fleet.held("thimble.inventory/1");
    ASSERT_EQ(digests.size(), 1U);
    const store::HostRecord host = fleet.host_after_stop();
    EXPECT_EQ(host.inventory_digest, digests.front());
    EXPECT_EQ(enrolled.output, "This host is " + host.id + "\n");
}

TEST(FleetOfOne, TellsWhatHasChanged) {
    Fleet fleet;
    ASSERT_EQ(fleet.enrol(cli::make_enrolment_token(fleet.server, false)).status, 0);
    ASSERT_EQ(fleet.check_in().status, 0);
    const auto before = fleet.held("thimble.inventory/1");
    ASSERT_EQ(before.size(), 1U);

    fleet.set_version("1.0-2");
    ASSERT_EQ(fleet.check_in().status, 0);

    const auto now = fleet.held("thimble.inventory/1");
    ASSERT_EQ(now.size(), 1U);
    EXPECT_NE(now, before);
    EXPECT_EQ(fleet.host_after_stop().inventory_digest, now.front());
}

TEST(FleetOfOne, KeepsItsKeyToItself) {
    const Fleet fleet;
    ASSERT_EQ(fleet.enrol(cli::make_enrolment_token(fleet.server, false)).status, 0);

    const auto mode = fs::status(fleet.state / "host.key").permissions();

    EXPECT_EQ(mode & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
    EXPECT_EQ(
        fs::status(fleet.state).permissions() & (fs::perms::group_all | fs::perms::others_all),
        fs::perms::none);
}

TEST(FleetOfOne, BeginsAnewWhenItEnrolsAgain) {
    const Fleet fleet;
    const std::string token = cli::make_enrolment_token(fleet.server, true);
    ASSERT_EQ(fleet.enrol(token).status, 0);
    ASSERT_EQ(fleet.check_in().status, 0);
    std::ofstream(fleet.folder / "helper/seen.json") << "of the host before";

    ASSERT_EQ(fleet.enrol(token).status, 0);

    EXPECT_FALSE(fs::exists(fleet.state / "reports"));
    EXPECT_FALSE(fs::exists(fleet.folder / "helper/seen.json"));
    EXPECT_EQ(fleet.check_in().status, 0);
}

TEST(FleetOfOne, BelievesNoServerWithAnotherAuthority) {
    const Fleet fleet;
    const Fleet impostor;
    const std::string token = cli::make_enrolment_token(fleet.server, true);

    const TestOutcome enrolled = impostor.enrol(token);

    EXPECT_EQ(enrolled.status, 77) << enrolled.output;
    EXPECT_NE(enrolled.output.find("agent.not_authentic"), std::string::npos) << enrolled.output;
    EXPECT_FALSE(fs::exists(impostor.state / "host.crt"));
}

TEST(FleetOfOne, IsToldWhenATokenIsUsedUp) {
    const Fleet fleet;
    const std::string token = cli::make_enrolment_token(fleet.server, false);
    ASSERT_EQ(fleet.enrol(token).status, 0);

    const TestOutcome again = fleet.enrol(token);

    EXPECT_EQ(again.status, 77);
    EXPECT_NE(again.output.find("server.bad_token"), std::string::npos) << again.output;
}

}  // namespace
}  // namespace thimble
