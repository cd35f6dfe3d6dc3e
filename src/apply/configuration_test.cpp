#include "thimble/apply/configuration.hpp"

#include "thimble/apply/configuration_return.hpp"
#include "thimble/apply/plan_run_trial_test.hpp"
#include "thimble/base/digest.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace {

/// What is waited for until it is on the disk, in order: paths, once a test asks for them.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): fsync(2) has no other way to tell
std::vector<std::string>* settled = nullptr;

}  // namespace

/// Stands before that of libc.
extern "C" int fsync(int descriptor) {
    if (settled != nullptr) {
        std::error_code error;
        settled->push_back(
            std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), error)
                .string());
    }
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

class ConfigurationTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "thimble-configuration-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        fs::create_directories(root() / "etc");
        fs::create_directories(kept());
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] fs::path root() const { return folder_ / "root"; }
    [[nodiscard]] fs::path kept() const { return folder_ / "kept"; }
    void write(const std::string& path, std::string_view bytes) const {
        std::ofstream(root() / path, std::ios::trunc) << bytes;
    }
    [[nodiscard]] std::string read(const std::string& path) const {
        std::ostringstream out;
        out << std::ifstream(root() / path).rdbuf();
        return out.str();
    }

private:
    fs::path folder_;
};

const std::vector<std::string> kPaths{"/etc/a.conf", "/etc/a.conf.dpkg-dist", "/etc/link"};

TEST_F(ConfigurationTest, PutsBackContentsModesLinksAndAbsence) {
    write("etc/a.conf", "mine");
    ::chmod((root() / "etc/a.conf").c_str(), 0640);
    fs::create_symlink("a.conf", root() / "etc/link");
    const auto before = keep_configuration(root().string(), kPaths, kept().string());
    ASSERT_TRUE(before.has_value());
    write("etc/a.conf", "theirs");
    ::chmod((root() / "etc/a.conf").c_str(), 0644);
    write("etc/a.conf.dpkg-dist", "new");
    fs::remove(root() / "etc/link");

    const auto restored = restore_configuration(root().string(), *before, kept().string());

    ASSERT_TRUE(restored.has_value()) << restored.error().text();
    EXPECT_EQ(*restored, kPaths);
    EXPECT_EQ(read("etc/a.conf"), "mine");
    EXPECT_FALSE(fs::exists(root() / "etc/a.conf.dpkg-dist"));
    EXPECT_EQ(fs::read_symlink(root() / "etc/link"), "a.conf");
    struct stat info{};
    ASSERT_EQ(::stat((root() / "etc/a.conf").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0640U);
}

TEST_F(ConfigurationTest, IsOnTheDiskWithTheNamesThatHaveChanged) {
    write("etc/a.conf", "mine");
    fs::create_symlink("a.conf", root() / "etc/link");
    const auto before = keep_configuration(root().string(), kPaths, kept().string());
    ASSERT_TRUE(before.has_value());

    for (const KeptFile& file : *before) {
        write("etc/a.conf", "theirs");
        write("etc/a.conf.dpkg-dist", "new");
        fs::remove(root() / "etc/link");
        std::vector<std::string> seen;
        settled = &seen;
        const auto restored = restore_configuration(root().string(), {&file, 1}, kept().string());
        settled = nullptr;

        ASSERT_TRUE(restored.has_value()) << restored.error().text();
        EXPECT_EQ(restored->size(), 1U);
        ASSERT_FALSE(seen.empty()) << file.path;
        EXPECT_EQ(seen.back(), fs::canonical(root() / "etc").string()) << file.path;
    }
}

TEST_F(ConfigurationTest, IsReplacedOnlyOnceItsCopyIsOnTheDisk) {
    MemoryHost packages{model::Plan()};
    ConfigurationReturn back(packages, root().string(), kept().string(), kept().string(), {});
    write("etc/libx.conf", "mine");
    ASSERT_TRUE(back.keep().has_value());
    write("etc/libx.conf", "theirs");
    ASSERT_TRUE(back.look_after().has_value());

    std::vector<std::string> seen;
    settled = &seen;
    const auto decided = back.decide();
    settled = nullptr;

    ASSERT_TRUE(decided.has_value()) << decided.error().text();
    const std::string copy = (fs::canonical(kept()) / sha256_of("theirs")).string();
    ASSERT_TRUE(fs::exists(copy));
    EXPECT_NE(std::ranges::find(seen, copy), seen.end());
    EXPECT_NE(std::ranges::find(seen, fs::canonical(kept()).string()), seen.end());
}

TEST_F(ConfigurationTest, RefusesADamagedCopy) {
    write("etc/a.conf", "mine");
    const auto before = keep_configuration(root().string(), kPaths, kept().string());
    ASSERT_TRUE(before.has_value());
    std::ofstream(kept() / before->front().sha256, std::ios::trunc) << "evil";
    write("etc/a.conf", "theirs");

    EXPECT_EQ(
        restore_configuration(root().string(), *before, kept().string()).error().code,
        "apply.wrong_archive");
}

TEST_F(ConfigurationTest, FollowsNoLinkOutOfTheRoot) {
    fs::create_directories(root() / "../outside");
    std::ofstream(root() / "../outside/secret") << "secret";
    fs::create_symlink("../../outside", root() / "etc/way");
    const std::vector<std::string> paths{"/etc/way/secret"};

    const auto files = look_at_configuration(root().string(), paths);

    EXPECT_TRUE(files.empty() || files.front().kind == KeptKind::Absent);
}

TEST(ConfigurationDocument, ReadsBackWhatItWrote) {
    KeptFile file;
    file.path = "/etc/a\nb";
    file.kind = KeptKind::File;
    file.sha256 = std::string(64, 'a');
    file.mode = 0644;
    file.modified_seconds = -5;
    const std::vector<KeptFile> files{file};

    const auto read = parse_configuration(format_configuration(files));

    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, files);
    EXPECT_EQ(parse_configuration("{}").error().code, "apply.bad_configuration");
}

KeptFile at(std::string path, std::string digest) {
    KeptFile file;
    file.path = std::move(path);
    file.kind = digest.empty() ? KeptKind::Absent : KeptKind::File;
    file.sha256 = std::move(digest);
    return file;
}

TEST(LeftBeside, NamesOtherVersionsThatWereNotThere) {
    const std::vector<KeptFile> before{
        at("/etc/a", "1"),
        at("/etc/a.dpkg-dist", ""),
        at("/etc/b.rpmnew", "1"),
        at("/etc/c.rpmsave", "1"),
        at("/etc/d.dpkg-old", "1")};
    const std::vector<KeptFile> after{
        at("/etc/a", "2"),
        at("/etc/a.dpkg-dist", "2"),
        at("/etc/b.rpmnew", "1"),
        at("/etc/c.rpmsave", "2"),
        at("/etc/d.dpkg-old", ""),
        at("/etc/e.rpmorig", "1"),
        at("/etc/f.ucf-dist", "1")};

    EXPECT_EQ(
        left_beside(before, after),
        (std::vector<std::string>{
            "/etc/a.dpkg-dist", "/etc/c.rpmsave", "/etc/e.rpmorig", "/etc/f.ucf-dist"}));
    EXPECT_TRUE(left_beside(before, {}).empty());
}

TEST(Restorable, LeavesWhatSomebodyChangedSince) {
    const std::vector<KeptFile> before{at("/a", "1"), at("/b", "1"), at("/new", "")};
    const std::vector<KeptFile> after{at("/a", "2"), at("/b", "2"), at("/new", "2")};
    const std::vector<KeptFile> now{
        at("/a", "2"), at("/b", "3"), at("/new", "2"), at("/unknown", "2")};

    const auto files = restorable(before, after, now);

    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[0], at("/a", "1"));
    EXPECT_EQ(files[1], at("/new", "")) << "it was not there before";
}

TEST(Restorable, LeavesTheRightsThatSomebodyGaveSince) {
    std::vector<KeptFile> before{at("/a", "1"), at("/b", "1")};
    std::vector<KeptFile> after{at("/a", "2"), at("/b", "2")};
    before[0].mode = before[1].mode = 0644;
    after[0].mode = after[1].mode = 0640;
    std::vector<KeptFile> now = after;
    now[0].mode = 0600;
    now[0].group = 7;

    const auto files = restorable(before, after, now);

    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[0].mode, 0600U);
    EXPECT_EQ(files[0].group, 7U);
    EXPECT_EQ(files[0].sha256, before[0].sha256);
    EXPECT_EQ(files[1], before[1]) << "what the transaction changed goes back";
}

TEST(Restorable, PutsAllBackWhenTheTransactionWasKilled) {
    const std::vector<KeptFile> before{at("/a", "1")};
    const std::vector<KeptFile> now{at("/a", "2"), at("/new", "2")};

    EXPECT_EQ(restorable(before, {}, now), before);
}

TEST(ConfigurationWords, TellWhatBecameOfWhich) {
    EXPECT_EQ(configuration_words({}), "");
    EXPECT_EQ(
        configuration_words(
            {.put_back = {"/a", "/b"},
             .taken_away = {"/c"},
             .left = {"/d"},
             .not_seen = {},
             .replaced = "/r.json"}),
        "put back: /a, /b; taken away: /c (what was there: /r.json); left as somebody has changed "
        "it "
        "since: /d");
    EXPECT_EQ(
        configuration_words(
            {.put_back = {},
             .taken_away = {},
             .left = {"/d"},
             .not_seen = {"/folder"},
             .replaced = ""}),
        "left as somebody has changed it since: /d; left as it is, since it is no file or too "
        "large to be kept: /folder");
}

TEST(ConfigurationWords, AreFoundInTheRecordOfAWayBack) {
    EXPECT_EQ(
        configuration_words_in("2 were unpacked; put back: /a; taken away: /b\nSetting up a ..."),
        "put back: /a; taken away: /b");
    EXPECT_EQ(configuration_words_in("Setting up a ...\n"), "");
}

}  // namespace
}  // namespace thimble::apply
