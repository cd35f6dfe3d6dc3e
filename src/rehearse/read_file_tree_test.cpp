#include "thimble/rehearse/read_file_tree.hpp"

#include "thimble/host/scratch_folder_test.hpp"
#include "thimble/rehearse/file_tree.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::rehearse {
namespace {

namespace fs = std::filesystem;

class ReadFileTree : public testing::Test {
protected:
    FileTree read() {
        auto tree = read_file_tree(scratch_.path);
        EXPECT_TRUE(tree) << tree.error().text();
        return tree.value_or(FileTree());
    }
    FileTree read_again(const FileTree& before, const std::vector<std::string>& changed) {
        auto tree = read_changed_files(scratch_.path, before, changed);
        EXPECT_TRUE(tree) << tree.error().text();
        return tree.value_or(FileTree());
    }
    fs::path at(const std::string& path) { return scratch_.path + path; }

    host::ScratchFolder scratch_;
};

TEST_F(ReadFileTree, FindsEachFileOnceHoweverTheFoldersAreDealtOut) {
    constexpr int kFolders = 400;
    for (int n = 0; n < kFolders; ++n) {
        const std::string name = std::to_string(n);
        const fs::path folder = at("/usr/" + std::to_string(n % 7) + "/" + name);
        fs::create_directories(folder);
        fs::copy_file("/usr/bin/true", folder / "program");
        fs::create_symlink("program", folder / "link");
    }
    fs::create_directories(at("/etc/cron.d"));
    std::ofstream(at("/etc/cron.d/b")) << "b";
    std::ofstream(at("/etc/cron.d/a")) << "a";
    fs::create_directories(at("/run/deep"));
    fs::create_symlink("x", at("/run/deep/link"));

    const FileTree tree = read();

    EXPECT_TRUE(tree.complete);
    EXPECT_EQ(tree.elf.size(), kFolders);
    EXPECT_EQ(tree.links.size(), kFolders);
    EXPECT_EQ(tree.schedules, (std::vector<std::string>{"/etc/cron.d/a", "/etc/cron.d/b"}));
    // Folders and links count, too: /usr, its seven, /etc, /etc/cron.d with two files, /run.
    EXPECT_EQ(tree.files_seen, 3U * kFolders + 13);
}

std::vector<std::string> names_of(const auto& by_path) {
    std::vector<std::string> names;
    for (const auto& [name, value] : by_path) {
        names.push_back(name);
    }
    return names;
}

/// The same in both, but that objects may be other ones.
void expect_same(const FileTree& one, const FileTree& other) {
    EXPECT_EQ(names_of(one.elf), names_of(other.elf));
    EXPECT_EQ(one.links, other.links);
    EXPECT_EQ(one.privileged, other.privileged);
    EXPECT_EQ(one.schedules, other.schedules);
    EXPECT_EQ(one.loader_folders, other.loader_folders);
    EXPECT_EQ(one.complete, other.complete);
}

TEST_F(ReadFileTree, ReadsOnlyWhatHasChangedAgain) {
    const auto copy = [&](const std::string& path) {
        fs::create_directories(at(path).parent_path());
        fs::copy_file("/usr/bin/true", at(path));
    };
    for (const char* path :
         {"/usr/bin/a", "/usr/bin/a.b", "/usr/bin/gone", "/usr/lib/x/y/deep", "/opt/o", "/tmp/t"}) {
        copy(path);
    }
    fs::create_symlink("a", at("/usr/bin/link"));
    fs::create_directories(at("/etc/cron.d"));
    std::ofstream(at("/etc/cron.d/old")) << "x";
    std::ofstream(at("/etc/cron.d/stays")) << "x";
    const FileTree before = read();

    fs::remove(at("/usr/bin/gone"));
    fs::remove_all(at("/usr/lib/x"));  // a folder becomes a program, a program a folder
    copy("/usr/lib/x");
    fs::remove(at("/usr/bin/a"));
    copy("/usr/bin/a/within/program");
    fs::permissions(at("/usr/bin/a/within/program"), fs::perms(04755));
    fs::remove(at("/usr/bin/link"));
    fs::create_symlink("a.b", at("/usr/bin/link"));
    fs::rename(at("/etc/cron.d/old"), at("/etc/cron.d/new"));
    copy("/tmp/new");
    const FileTree after = read_again(
        before,
        {"/etc/cron.d/new",
         "/etc/cron.d/old",
         "/no/such/folder",
         "/tmp/new",
         "/usr/bin/a",
         "/usr/bin/a/within",
         "/usr/bin/a/within/program",
         "/usr/bin/gone",
         "/usr/bin/link",
         "/usr/lib/x"});

    expect_same(after, read());
    EXPECT_EQ(after.elf.at("/usr/bin/a.b"), before.elf.at("/usr/bin/a.b"));
    EXPECT_LT(after.files_seen, 15U);
}

TEST_F(ReadFileTree, FollowsNoLinkToWhatHasChanged) {
    fs::create_directories(at("/elsewhere"));
    fs::copy_file("/usr/bin/true", at("/elsewhere/program"));
    fs::create_directories(at("/usr"));
    const FileTree before = read();
    fs::create_directory_symlink(at("/elsewhere"), at("/usr/lib"));
    fs::create_directory_symlink("elsewhere", at("/tmp"));

    const FileTree after = read_again(before, {"/tmp", "/usr/lib", "/usr/lib/program"});

    expect_same(after, read());
    EXPECT_FALSE(after.elf.contains("/usr/lib/program"));
}

TEST_F(ReadFileTree, SaysWhereItGoesTooDeep) {
    fs::path folder = scratch_.path;
    for (int depth = 0; depth < 205; ++depth) {
        folder /= "d";
    }
    fs::create_directories(folder);

    EXPECT_FALSE(read().complete);
}

TEST_F(ReadFileTree, SaysWhereAFolderOrProgramCannotBeOpenedForWantOfDescriptors) {
    fs::create_directories(at("/a/b/c"));
    fs::copy_file("/usr/bin/true", at("/a/b/c/program"));
    const FileTree whole = read();
    ASSERT_TRUE(whole.complete);
    const int lowest = ::fcntl(STDIN_FILENO, F_DUPFD, 0);
    ::close(lowest);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    // From too few for the root itself to enough for all.
    bool is_any_whole = false;
    bool is_any_cut = false;
    for (rlim_t more = 1; more < 20; ++more) {
        const rlimit few{
            .rlim_cur = static_cast<rlim_t>(lowest) + more, .rlim_max = before.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
        const auto tree = read_file_tree(scratch_.path);
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
        if (tree) {
            const bool is_whole =
                tree->files_seen == whole.files_seen && tree->elf.size() == whole.elf.size();
            EXPECT_EQ(tree->complete, is_whole) << more;
            is_any_whole = is_any_whole || tree->complete;
            is_any_cut = is_any_cut || !tree->complete;
        }
    }
    EXPECT_TRUE(is_any_whole);
    EXPECT_TRUE(is_any_cut);
}

}  // namespace
}  // namespace thimble::rehearse
