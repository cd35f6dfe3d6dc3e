#include "thimble/model/order_cases.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

std::string apk(std::string_view left, std::string_view right) {
    return relation("apk", left, right);
}

TEST(ApkVersion, DoesNotFillComponentsWithZeros) {
    EXPECT_EQ(apk("1.0", "1.0.0"), "<");
    EXPECT_EQ(apk("1.0-r5", "1.0.0-r0"), "<");
}

TEST(ApkVersion, ReadsLeadingZerosAfterTheFirstComponentAsFractions) {
    EXPECT_EQ(apk("8.2.0015", "8.2.002"), "<");
    EXPECT_EQ(apk("1.0", "1.00"), "<");
    EXPECT_EQ(apk("1.01", "1.1"), "<");
    EXPECT_EQ(apk("006", "6"), "=");
    EXPECT_EQ(apk("1.10", "1.9"), ">");
}

TEST(ApkVersion, OrdersSuffixesAroundTheBareVersion) {
    const std::array versions = {
        "1_alpha",
        "1_alpha1",
        "1_beta",
        "1_pre",
        "1_rc",
        "1_rc2",
        "1",
        "1-r1",
        "1_cvs",
        "1_svn",
        "1_git",
        "1_hg",
        "1_p",
        "1_p2",
        "1a"};
    for (std::size_t i = 1; i < versions.size(); ++i) {
        EXPECT_EQ(apk(versions.at(i - 1), versions.at(i)), "<") << versions.at(i);
    }
    EXPECT_EQ(apk("1.6_rc1-r0", "1.6-r0"), "<");
    EXPECT_EQ(apk("0.1.0_alpha_pre2", "0.1.0_alpha"), "<");
}

TEST(ApkVersion, MayHoldACommitHash) {
    EXPECT_EQ(apk("1.0~abc123-r0", "1.0~abc123-r0"), "=");
    EXPECT_EQ(apk("1.0~abc123-r0", "1.0~abc124-r0"), "<");
    EXPECT_EQ(apk("1.0", "1.0~abc"), "<");
    EXPECT_EQ(apk("1.0_git20240101~abc-r0", "1.0_git20240101-r0"), ">");
}

TEST(ApkVersion, OrdersDigitsAfterALetterThatOnlyOldToolsRead) {
    EXPECT_EQ(apk("6.6.2p1-r0", "6.6.2p2"), "<");
    EXPECT_EQ(apk("6.6.2p10", "6.6.2p9"), ">");
    EXPECT_EQ(apk("6.6.2p1", "6.6.2_p1"), ">");
}

TEST(ApkVersion, ComparesNumbersOfAnyLength) {
    EXPECT_EQ(apk("1.99999999999999999999", "1.100000000000000000000"), "<");
    EXPECT_EQ(apk("1_p99999999999999999999", "1_p100000000000000000000"), "<");
}

TEST(ApkVersion, IsInvalidOutsideItsGrammar) {
    for (const auto* version :
         {"",
          "a",
          ".1",
          "1.",
          "1..2",
          "1_blah",
          "1_",
          "1-r",
          "1-1",
          "1-ruff",
          "1A",
          "1ab",
          "1~",
          "1~xyz",
          "1-r1-r2",
          "1-r1_p1",
          "1~a~b",
          "1 ",
          "1_p1.2"}) {
        EXPECT_EQ(apk(version, "1").substr(0, 9), "invalid: ") << version;
    }
}

TEST(ApkVersion, OrdersLettersAndSuffixesByTheirOwnRules) {
    EXPECT_EQ(apk("1.0a", "1.0b"), "<");
    EXPECT_EQ(apk("1.0a", "1.0a"), "=");
    EXPECT_EQ(apk("1_rc", "1_rc"), "=");
    EXPECT_EQ(apk("1_p1", "1_p1"), "=");
    EXPECT_EQ(apk("1.2.3", "1.2.3"), "=");
    EXPECT_EQ(apk("1-r10", "1-r9"), ">");
}

}  // namespace
}  // namespace thimble::model
