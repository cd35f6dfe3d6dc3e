#include "thimble/apply/sha256.hpp"

#include "thimble/base/digest.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace thimble::apply {
namespace {

TEST(Sha256OfFile, ReadsALargeFileToItsEnd) {
    std::string folder = testing::TempDir() + "thimble-sha256-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/file";
    const std::string bytes(100'000, 'x');
    std::ofstream(path) << bytes;

    const auto digest = sha256_of_file(path);

    ASSERT_TRUE(digest.has_value()) << digest.error().text();
    EXPECT_EQ(*digest, sha256_of(bytes));
    std::filesystem::remove_all(folder);
}

TEST(Sha256OfFile, TellsAFileThatIsNotThere) {
    EXPECT_EQ(sha256_of_file("/nowhere/at/all").error().kind, ErrorKind::NotFound);
}

}  // namespace
}  // namespace thimble::apply
