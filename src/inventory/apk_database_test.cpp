#include "thimble/inventory/apk_database.hpp"

#include <gtest/gtest.h>

namespace thimble::inventory {
namespace {

TEST(ParseApkDatabase, ReadsNameVersionArchitectureAndOrigin) {
    const auto list = parse_apk_database(
        "C:Q1abc=\nP:libcrypto3\nV:3.1.4-r5\nA:x86_64\no:openssl\nF:lib\nR:libcrypto.so.3\n\n"
        "P:busybox\nV:1.36.1-r15\nA:x86_64\n");

    ASSERT_EQ(list.packages.size(), 2U);
    EXPECT_EQ(list.packages[0].type, "apk");
    EXPECT_EQ(list.packages[0].name, "libcrypto3");
    EXPECT_EQ(list.packages[0].version, "3.1.4-r5");
    EXPECT_EQ(list.packages[0].source_name, "openssl");
    EXPECT_EQ(list.packages[0].architecture, "x86_64");
    EXPECT_EQ(list.packages[1].source_name, "busybox");
    EXPECT_TRUE(list.gaps.empty());
}

TEST(ParseApkDatabase, ABadEntryLosesNoOther) {
    const auto list = parse_apk_database("P:nover\n\nV:1\n\nP:a\nV:2-r0\n\nP:\nV\n::\n");

    ASSERT_EQ(list.packages.size(), 1U);
    EXPECT_EQ(list.packages[0].name, "a");
    EXPECT_EQ(list.gaps.size(), 3U);
}

}  // namespace
}  // namespace thimble::inventory
