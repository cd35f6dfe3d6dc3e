#include "thimble/verify/processes_of_root.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace thimble::verify {
namespace {

TEST(MayRunFrom, IsTrueOfARootAndOfWhatCannotBeLookedAt) {
    std::string folder = testing::TempDir() + "thimble-root-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);

    const auto whole = may_run_from("/");
    const auto none = may_run_from(folder);

    ASSERT_TRUE(whole.has_value());
    EXPECT_TRUE(*whole);
    ASSERT_TRUE(none.has_value());
    // Whoever is not root may not look at the first process.
    EXPECT_EQ(*none, ::geteuid() != 0);
    EXPECT_EQ(may_run_from(folder + "/none").error().kind, ErrorKind::NotFound);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace thimble::verify
