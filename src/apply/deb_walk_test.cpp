#include "thimble/apply/deb_walk.hpp"

#include "thimble/host/local_host.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPlenty = std::uint64_t{1} << 20;

/// A .deb with a file of 100,000 bytes that compresses well, a link and a text, made by dpkg-deb.
class DebWalkTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = testing::TempDir() + "thimble-deb-XXXXXX";
        ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
        const fs::path tree = folder_ + "/tree";
        fs::create_directories(tree / "DEBIAN");
        fs::create_directories(tree / "usr");
        std::ofstream(tree / "DEBIAN/control")
            << "Package: t\nVersion: 1\nArchitecture: all\nMaintainer: T <t@example.org>\n"
               "Description: t\n";
        std::ofstream(tree / "usr/large") << std::string(100'000, 'x');
        fs::create_symlink("large", tree / "usr/link");
        std::ofstream(tree / "usr/text") << "hello";
        host::LocalHost host;
        const auto made = host.run({.argv = {"dpkg-deb", "-Zxz", "--build", tree.string(), deb()}});
        ASSERT_TRUE(made.has_value()) << made.error().text();
        ASSERT_EQ(made->exit_status, 0) << made->errors;
    }
    void TearDown() override { fs::remove_all(folder_); }
    [[nodiscard]] std::string deb() const { return folder_ + "/t.deb"; }

    std::string folder_;
};

TEST_F(DebWalkTest, TellsWhatStandsWhere) {
    auto walk = DebWalk::open(deb(), "data.tar", kPlenty);
    ASSERT_TRUE(walk.has_value()) << walk.error().text();
    std::vector<std::string> seen;

    const auto walked = walk->each([&](const DebEntry& entry) -> Result<bool> {
        seen.push_back(
            entry.path + (entry.is_file ? " file" : "")
            + (entry.link.empty() ? "" : " -> " + entry.link));
        return true;
    });

    ASSERT_TRUE(walked.has_value()) << walked.error().text();
    EXPECT_EQ(
        seen,
        (std::vector<std::string>{
            "/", "/usr", "/usr/large file", "/usr/text file", "/usr/link -> large"}));
}

TEST_F(DebWalkTest, ReadsContentUpToTheLimit) {
    auto walk = DebWalk::open(deb(), "data.tar", kPlenty);
    ASSERT_TRUE(walk.has_value()) << walk.error().text();
    std::vector<std::string> found;

    const auto walked = walk->each([&](const DebEntry& entry) -> Result<bool> {
        if (!entry.is_file) {
            return true;
        }
        THIMBLE_TRY(const auto content, walk->content(5));
        found.push_back(content.value_or("too long"));
        return found.size() < 2;
    });

    ASSERT_TRUE(walked.has_value()) << walked.error().text();
    EXPECT_EQ(found, (std::vector<std::string>{"too long", "hello"}));
}

TEST_F(DebWalkTest, EndsBeforeItDecompressesTooMuch) {
    ASSERT_LT(fs::file_size(deb()), 10'000);
    auto walk = DebWalk::open(deb(), "data.tar", 50'000);
    ASSERT_TRUE(walk.has_value()) << walk.error().text();
    std::string last;

    const auto walked = walk->each([&](const DebEntry& entry) -> Result<bool> {
        last = entry.path;
        return true;
    });

    ASSERT_FALSE(walked.has_value());
    EXPECT_EQ(walked.error().code, "apply.bad_deb");
    EXPECT_EQ(last, "/usr");
}

TEST_F(DebWalkTest, FindsNoMemberOfAnotherName) {
    EXPECT_EQ(DebWalk::open(deb(), "extra.tar", kPlenty).error().code, "apply.bad_deb");
}

}  // namespace
}  // namespace thimble::apply
