#include "thimble/model/order_cases.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

std::string dpkg(std::string_view left, std::string_view right) {
    return relation("dpkg", left, right);
}

TEST(DpkgVersion, MayHoldColonsAfterTheEpochAndHyphensBeforeTheLast) {
    EXPECT_EQ(dpkg("0:1:2-3", "0:1:2-4"), "<");
    EXPECT_EQ(dpkg("0:1:2-3", "0:1-3"), ">");
    EXPECT_EQ(dpkg("1-2-3", "1-2-4"), "<");
    EXPECT_EQ(dpkg("1-2-3", "1-3"), ">");
}

TEST(DpkgVersion, SortsLettersBeforeOtherCharacters) {
    EXPECT_EQ(dpkg("1a", "1+"), "<");
    EXPECT_EQ(dpkg("1.0+", "1.0-1"), ">");
    EXPECT_EQ(dpkg("1Z", "1a"), "<");
}

TEST(DpkgVersion, SortsTildeBelowTheEnd) {
    EXPECT_EQ(dpkg("1.0~rc1", "1.0"), "<");
    EXPECT_EQ(dpkg("1.0~~", "1.0~"), "<");
    EXPECT_EQ(dpkg("1.0-1~bpo12+1", "1.0-1"), "<");
    EXPECT_EQ(dpkg("0~0", "0"), "<");
}

TEST(DpkgVersion, TakesMissingEpochAndRevisionAsZero) {
    EXPECT_EQ(dpkg("1.0", "1.0-0"), "=");
    EXPECT_EQ(dpkg("1.0", "0:1.0"), "=");
    EXPECT_EQ(dpkg("1.0-0", "0:1.0"), "=");
    EXPECT_EQ(dpkg("9:1", "10:0"), "<");
    EXPECT_EQ(dpkg("2:9.0.1", "9.0.2"), ">");
}

TEST(DpkgVersion, ComparesNumbersOfAnyLength) {
    EXPECT_EQ(dpkg("1.99999999999999999999", "1.100000000000000000000"), "<");
    EXPECT_EQ(dpkg("1.000000000000000000000000000007", "1.7"), "=");
}

TEST(DpkgVersion, IsOrderedWhereDpkgOnlyWarns) {
    EXPECT_EQ(dpkg("1-2:3", "1"), "invalid: epoch is not a number");
    EXPECT_EQ(dpkg("0:1-2:3", "1-2"), ">");
    EXPECT_EQ(dpkg("a1", "1"), ">");
}

TEST(DpkgVersion, IsInvalidWithoutItsParts) {
    for (const auto* version :
         {"",
          " ",
          ":1",
          "1:",
          "1-",
          "1:-1",
          "-1",
          "1 2",
          "a:1",
          "2147483648:1",
          "-1:1",
          "1_0",
          "1\xc3\xa9"}) {
        EXPECT_EQ(dpkg(version, "1").substr(0, 9), "invalid: ") << version;
    }
    EXPECT_EQ(dpkg("2147483647:1", "1"), ">");
    EXPECT_EQ(dpkg(" 1.0\t", "1.0"), "=");
}

}  // namespace
}  // namespace thimble::model
