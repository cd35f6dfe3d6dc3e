#include "thimble/rehearse/read_file_tree.hpp"

#include "thimble/host/scratch_folder_test.hpp"
#include "thimble/rehearse/file_tree.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

namespace fs = std::filesystem;

class ReadFileTree : public testing::Test {
protected:
    FileTree read(const FileTree* earlier = nullptr, std::vector<std::string> skipped = {}) {
        auto tree = read_file_tree(
            {.root = scratch_.path, .skipped = std::move(skipped), .earlier = earlier});
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
    fs::create_directories(at("/data/deep"));
    fs::create_symlink("x", at("/data/deep/link"));

    const FileTree tree = read(nullptr, {"/data"});

    EXPECT_TRUE(tree.complete);
    EXPECT_EQ(tree.elf.size(), kFolders);
    EXPECT_EQ(tree.links.size(), kFolders);
    EXPECT_EQ(tree.schedules, (std::vector<std::string>{"/etc/cron.d/a", "/etc/cron.d/b"}));
    // Folders and links count, too: /usr, its seven, /etc, /etc/cron.d with two files, /data.
    EXPECT_EQ(tree.files_seen, 3U * kFolders + 13);

    const FileTree again = read(&tree, {"/data"});
    EXPECT_TRUE(std::ranges::all_of(again.elf, [&](const auto& file) {
        return file.second.object == tree.elf.at(file.first).object;
    }));
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
        const auto tree =
            read_file_tree({.root = scratch_.path, .skipped = {}, .earlier = nullptr});
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
