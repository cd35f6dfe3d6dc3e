#include "thimble/model/order_cases.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

std::string rpm(std::string_view left, std::string_view right) {
    return relation("rpm", left, right);
}

TEST(RpmVersion, SortsTildeBelowAndCaretAboveTheBareVersion) {
    EXPECT_EQ(rpm("1.0~rc1", "1.0"), "<");
    EXPECT_EQ(rpm("1.0^", "1.0"), ">");
    EXPECT_EQ(rpm("1.0^git1", "1.0.1"), "<");
    EXPECT_EQ(rpm("1.0^git1~pre", "1.0^git1"), "<");
    EXPECT_EQ(rpm("1.0~rc1^git1", "1.0~rc1"), ">");
    EXPECT_EQ(rpm("2.0.5^20260117git1be041b", "2.0.5.1"), "<");
}

TEST(RpmVersion, SortsAMissingReleaseBelowAnyRelease) {
    EXPECT_EQ(rpm("1.0", "1.0-1"), "<");
    EXPECT_EQ(rpm("1.0", "1.0-0"), "<");
    EXPECT_EQ(rpm("1.0-1", "1.0-1"), "=");
}

TEST(RpmVersion, TakesAMissingEpochAsZero) {
    EXPECT_EQ(rpm("0:1.0-1", "1.0-1"), "=");
    EXPECT_EQ(rpm("3.9.18-1.el9_3", "0:3.9.18-1.el9_3.1"), "<");
    EXPECT_EQ(rpm("1:9.0.117-2.el9_8", "9.0.118-1"), ">");
}

TEST(RpmVersion, KeepsTheDocumentedOddities) {
    EXPECT_EQ(rpm("1b.fc17", "1.fc17"), "<");
    EXPECT_EQ(rpm("1g.fc17", "1.fc17"), ">");
    EXPECT_EQ(rpm("1.1.α", "1.1.β"), "=");
    EXPECT_EQ(rpm("1.1.α", "1.1.a"), "<");
    EXPECT_EQ(rpm("1", "1-"), "<");
    EXPECT_EQ(rpm("2_0", "2.0"), "=");
    EXPECT_EQ(rpm("xyz.4", "2"), "<");
}

TEST(RpmVersion, ComparesNumbersOfAnyLength) {
    EXPECT_EQ(rpm("20101121", "20101122"), "<");
    EXPECT_EQ(rpm("1.99999999999999999999-1", "1.100000000000000000000-1"), "<");
    EXPECT_EQ(rpm("1.007", "1.7"), "=");
}

TEST(RpmVersion, IsWhateverRpmOrders) {
    EXPECT_EQ(rpm("1:", "1"), ">");
    EXPECT_EQ(rpm("0:-1", "1"), "<");
    EXPECT_EQ(rpm(":1", "0:1"), "=");
    EXPECT_EQ(rpm("0:1:2-3", "0:1:2-4"), "<");
    for (const auto* version : {"", "1 2", "1\n", "\x7f"}) {
        EXPECT_EQ(rpm(version, "1").substr(0, 9), "invalid: ") << version;
    }
}

}  // namespace
}  // namespace thimble::model
