#include "thimble/base/counted.hpp"

#include <gtest/gtest.h>

namespace thimble {
namespace {

TEST(Counted, KnowsOneFromMany) {
    EXPECT_EQ(counted(0, "package"), "0 packages");
    EXPECT_EQ(counted(1, "package"), "1 package");
    EXPECT_EQ(counted(2, "package"), "2 packages");
    EXPECT_EQ(counted(1, "patch", "patches"), "1 patch");
    EXPECT_EQ(counted(3, "patch", "patches"), "3 patches");
}

}  // namespace
}  // namespace thimble
