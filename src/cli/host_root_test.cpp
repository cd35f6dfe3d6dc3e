#include "thimble/cli/host_root.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace thimble::cli {
namespace {

TEST(HostRoot, IsTheDirectoryAndNotThePath) {
    const std::filesystem::path folder = testing::TempDir() + "thimble-host-root";
    const std::string root = folder / "root";
    const std::string copy = folder / "copy";
    const std::string link = folder / "link";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(root);
    std::filesystem::create_directories(copy);
    std::filesystem::create_directory_symlink(root, link);

    EXPECT_TRUE(is_same_root(root, link));
    EXPECT_FALSE(are_two_roots(root, link));
    EXPECT_FALSE(is_same_root(root, copy));
    EXPECT_TRUE(are_two_roots(root, copy));

    const std::string absent = folder / "gone";
    EXPECT_TRUE(is_same_root(absent, absent));
    EXPECT_FALSE(is_same_root(root, absent));
    EXPECT_FALSE(are_two_roots(root, absent)) << "it may have been moved";
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace thimble::cli
