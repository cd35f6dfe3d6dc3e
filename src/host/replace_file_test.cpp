#include "thimble/host/replace_file.hpp"

#include "thimble/host/scratch_folder_test.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace thimble::host {
namespace {

namespace fs = std::filesystem;

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

mode_t mode_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

TEST(ReplaceFile, LeavesAReaderOfTheOldFileUndisturbed) {
    const ScratchFolder scratch;
    const std::string path = scratch.path + "/file";
    ASSERT_TRUE(replace_file(path, "old", Readers::Anyone).has_value());
    std::ifstream reader(path);

    ASSERT_TRUE(replace_file(path, "new", Readers::Owner).has_value());

    std::string seen;
    reader >> seen;
    EXPECT_EQ(seen, "old");
    EXPECT_EQ(content_of(path), "new");
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path), {}), 1);
}

TEST(ReplaceFile, GivesTheModeThatIsAskedFor) {
    const ScratchFolder scratch;
    const std::string path = scratch.path + "/file";

    ASSERT_TRUE(replace_file(path, "", Readers::Anyone).has_value());
    EXPECT_EQ(mode_of(path), 0644U);
    ASSERT_TRUE(replace_file(path, "", Readers::Owner).has_value());
    EXPECT_EQ(mode_of(path), 0600U);
}

TEST(ReplaceFile, RefusesWhatIsNoRegularFile) {
    const ScratchFolder scratch;
    const std::string link = scratch.path + "/link";
    fs::create_symlink("elsewhere", link);

    EXPECT_EQ(replace_file(link, "x", Readers::Owner).error().code, "host.not_a_file");
    EXPECT_EQ(replace_file(scratch.path, "x", Readers::Owner).error().code, "host.not_a_file");
    EXPECT_TRUE(fs::is_symlink(link));
}

TEST(ReplaceFile, TellsAFolderThatIsNotThere) {
    const ScratchFolder scratch;

    const auto replaced = replace_file(scratch.path + "/none/file", "x", Readers::Owner);

    EXPECT_EQ(replaced.error().kind, ErrorKind::NotFound);
}

}  // namespace
}  // namespace thimble::host
