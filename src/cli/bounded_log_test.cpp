#include "thimble/cli/bounded_log.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace thimble::cli {
namespace {

constexpr std::uintmax_t kLimit = std::uintmax_t{16} << 20;

TEST(BoundedLog, KeepsTheBeginningOfAllThatProcessesGiveIt) {
    std::string folder = testing::TempDir() + "thimble-log-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/output.log";

    BoundedLog(path).add("begun\n");
    EXPECT_EQ(std::filesystem::file_size(path), 6U);
    BoundedLog(path).add("gone on\n");
    EXPECT_EQ(std::filesystem::file_size(path), 14U);
    std::filesystem::resize_file(path, kLimit - 2);
    BoundedLog(path).add("more");
    EXPECT_EQ(std::filesystem::file_size(path), kLimit);
    BoundedLog(path).add("more");
    EXPECT_EQ(std::filesystem::file_size(path), kLimit);

    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace thimble::cli
