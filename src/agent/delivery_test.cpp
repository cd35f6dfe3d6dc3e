#include "thimble/agent/delivery.hpp"

#include "thimble/agent/scratch_folder_test.hpp"
#include "thimble/agent/tar_archive.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/host/run_command.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace thimble::agent {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<TarMember> two_members() {
    return {
        {.path = "bin/run", .bytes = std::string("\0\xff\n", 3), .is_program = true},
        {.path = "data", .bytes = std::string(1024, 'x')}};
}

TEST(TarArchive, IsUnpackedByTar) {
    const ScratchFolder folder;

    const auto done = host::run_command(
        {.argv = {"tar", "-x", "-f", "-", "-C", folder.path().string()},
         .input = *tar_of(two_members())});

    ASSERT_TRUE(done.has_value());
    ASSERT_EQ(done->exit_status, 0) << done->errors;
    EXPECT_EQ(done->errors, "");
    EXPECT_EQ(text_of(folder / "bin/run"), std::string("\0\xff\n", 3));
    EXPECT_EQ(text_of(folder / "data"), std::string(1024, 'x'));
    struct stat info{};
    ASSERT_EQ(::stat((folder / "bin/run").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0755U);
}

TEST(TarArchive, RefusesAPathThatDoesNotFit) {
    const std::vector<TarMember> members{{.path = std::string(101, 'a'), .bytes = {}}};
    EXPECT_EQ(tar_of(members).error().code, "agent.bad_member");
}

/// The script with its folder below a scratch one.
host::Outcome delivered(
    const fs::path& below, const std::string& digest, const std::string& archive) {
    std::string script(delivery_script());
    for (std::size_t at = 0; (at = script.find("/var/lib", at)) != std::string::npos;) {
        script.replace(at, std::string("/var/lib").size(), below.string());
        at += below.string().size();
    }
    const auto done =
        host::run_command({.argv = {"sh", "-c", script, "thimble", digest}, .input = archive});
    return done ? *done : host::Outcome{.exit_status = -1, .output = {}, .errors = {}};
}

class DeliveryScript : public testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "skipped: the script runs as root alone";
        }
        fs::permissions(folder_.path(), fs::perms(0755));
        std::vector<TarMember> members = two_members();
        manifest_ = format_manifest(
            {{.path = "bin/run",
              .source = {},
              .sha256 = sha256_of(members[0].bytes),
              .is_program = true},
             {.path = "data",
              .source = {},
              .sha256 = sha256_of(members[1].bytes),
              .is_program = false}});
        members.push_back({.path = "manifest", .bytes = manifest_});
        archive_ = *tar_of(members);
    }

    /// What lies where programs are kept.
    [[nodiscard]] std::vector<std::string> kept() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder_ / "thimble/over-ssh")) {
            names.push_back(entry.path().filename().string());
        }
        return names;
    }

    ScratchFolder folder_;
    std::string manifest_;
    std::string archive_;
};

TEST_F(DeliveryScript, KeepsWhatIsWhole) {
    const std::string digest = sha256_of(manifest_);

    const host::Outcome done = delivered(folder_.path(), digest, archive_);

    ASSERT_EQ(done.exit_status, 0) << done.errors;
    EXPECT_EQ(kept(), std::vector<std::string>{digest});
    EXPECT_EQ(text_of(folder_ / "thimble/over-ssh" / digest / "manifest"), manifest_);
    EXPECT_EQ(delivered(folder_.path(), digest, archive_).exit_status, 0) << "twice is no harm";
    EXPECT_EQ(kept(), std::vector<std::string>{digest});
}

TEST_F(DeliveryScript, KeepsNothingOfWhatIsNot) {
    const std::string digest = sha256_of(manifest_);
    std::string altered = archive_;
    altered[altered.find("xxx")] = 'y';

    EXPECT_EQ(delivered(folder_.path(), digest, altered).exit_status, 1);
    EXPECT_EQ(delivered(folder_.path(), sha256_of("other"), archive_).exit_status, 1);
    EXPECT_NE(delivered(folder_.path(), digest, archive_.substr(0, 700)).exit_status, 0);
    EXPECT_EQ(kept(), std::vector<std::string>());
}

TEST_F(DeliveryScript, RefusesAFolderThatOthersMayWrite) {
    fs::create_directories(folder_ / "thimble");
    fs::permissions(folder_ / "thimble", fs::perms(0777));

    const host::Outcome done = delivered(folder_.path(), sha256_of(manifest_), archive_);

    EXPECT_EQ(done.exit_status, 1);
    EXPECT_NE(done.errors.find("others may write it"), std::string::npos) << done.errors;
}

}  // namespace
}  // namespace thimble::agent
