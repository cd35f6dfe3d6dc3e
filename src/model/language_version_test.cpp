// The orders of npm, PyPI, crates.io and Go.
#include "thimble/model/order_cases.hpp"

#include <gtest/gtest.h>

#include <array>

namespace thimble::model {
namespace {

// Each version is older than the next.
template <std::size_t Size>
void expect_ascending(std::string_view order, const std::array<const char*, Size>& versions) {
    for (std::size_t i = 1; i < Size; ++i) {
        EXPECT_EQ(relation(order, versions.at(i - 1), versions.at(i)), "<")
            << versions.at(i - 1) << " " << versions.at(i);
    }
}

void expect_invalid(std::string_view order, std::string_view version) {
    EXPECT_EQ(relation(order, version, version).substr(0, 9), "invalid: ") << version;
}

constexpr std::array kSemverPrecedence = {
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-11",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2.0",
    "1.10.0",
    "2.0.0"};

TEST(Semver, HasThePrecedenceOfTheStandardInEveryEcosystem) {
    expect_ascending("npm", kSemverPrecedence);
    expect_ascending("crates.io", kSemverPrecedence);
    expect_ascending("Go", kSemverPrecedence);
}

TEST(Semver, IgnoresBuildMetadata) {
    EXPECT_EQ(relation("npm", "1.0.0+a", "1.0.0+b"), "=");
    EXPECT_EQ(relation("crates.io", "1.0.0+a", "1.0.0+b"), "=");
    EXPECT_EQ(relation("Go", "v2.0.0+incompatible", "v2.0.0"), "=");
}

TEST(Semver, ComparesNumbersOfAnyLength) {
    for (const auto* order : {"npm", "crates.io", "Go"}) {
        EXPECT_EQ(relation(order, "1.99999999999999999999.0", "1.100000000000000000000.0"), "<");
        EXPECT_EQ(
            relation(order, "1.0.0-99999999999999999999", "1.0.0-100000000000000000000"), "<");
    }
}

TEST(NpmVersion, IsReadLoosely) {
    EXPECT_EQ(relation("npm", "=v1.2.3", "1.2.3"), "=");
    EXPECT_EQ(relation("npm", " = v 1.2.3 ", "1.2.3"), "=");
    EXPECT_EQ(relation("npm", "1.2.3beta", "1.2.3-beta"), "=");
    EXPECT_EQ(relation("npm", "01.02.03", "1.2.3"), "=");
    EXPECT_EQ(relation("npm", "1.2.3-", "1.2.3"), "<");
    EXPECT_EQ(relation("npm", "1.2.34.5", "1.2.3-4.5"), "=");
}

TEST(NpmVersion, IsInvalidWithoutThreeNumbers) {
    for (const auto* version :
         {"",
          "1",
          "1.2",
          "1.2.x",
          "a.b.c",
          "1.2.3+",
          "1.2.3-a..b",
          "1.2.3-\xc3\xa9",
          "1 .2.3",
          "latest"}) {
        expect_invalid("npm", version);
    }
}

TEST(PypiVersion, OrdersThePhasesOfARelease) {
    expect_ascending(
        "PyPI",
        std::array{
            "1.dev1",
            "1.0a1.dev1",
            "1.0a1",
            "1.0a1.post1.dev1",
            "1.0a1.post1",
            "1.0b1",
            "1.0rc1",
            "1.0",
            "1.0+local",
            "1.0+local.1",
            "1.0+1",
            "1.0.post1.dev1",
            "1.0.post1",
            "1.0.1",
            "1.1",
            "1!0.5"});
}

TEST(PypiVersion, TakesEverySpelling) {
    EXPECT_EQ(relation("PyPI", "1.0", "1"), "=");
    EXPECT_EQ(relation("PyPI", "v1.0", "1.0.0"), "=");
    EXPECT_EQ(relation("PyPI", " 1.0\n", "1"), "=");
    EXPECT_EQ(relation("PyPI", "1.0-ALPHA_1", "1.0a1"), "=");
    EXPECT_EQ(relation("PyPI", "1.0.preview1", "1.0rc1"), "=");
    EXPECT_EQ(relation("PyPI", "1.0c1", "1.0rc1"), "=");
    EXPECT_EQ(relation("PyPI", "1.0-1", "1.0.post1"), "=");
    EXPECT_EQ(relation("PyPI", "1.0rev2", "1.0.post2"), "=");
    EXPECT_EQ(relation("PyPI", "1.0a", "1.0a0"), "=");
    EXPECT_EQ(relation("PyPI", "1.0+Ubuntu-1", "1.0+ubuntu.01"), "=");
    EXPECT_EQ(relation("PyPI", "2.0.1+cu118", "2.0.1"), ">");
}

TEST(PypiVersion, ComparesNumbersOfAnyLength) {
    EXPECT_EQ(relation("PyPI", "1.99999999999999999999", "1.100000000000000000000"), "<");
    EXPECT_EQ(relation("PyPI", "0!1", "1"), "=");
}

TEST(PypiVersion, IsInvalidOutsideItsGrammar) {
    for (const auto* version :
         {"",
          "a",
          "1.0-bulbasaur",
          "1..0",
          "1.0+",
          "1.0+a..b",
          "1.0+\xc3\xa9",
          "!1",
          "1.",
          "1.0 a",
          "french toast",
          "1.0.dev1.post1"}) {
        expect_invalid("PyPI", version);
    }
}

TEST(CratesVersion, IsStrict) {
    for (const auto* version :
         {"",
          "1",
          "1.2",
          "v1.2.3",
          "01.2.3",
          "1.2.3-",
          "1.2.3-01",
          "1.2.3+",
          "1.2.3.4",
          " 1.2.3",
          "1.2.3-a_b",
          "1.2.3-a..b"}) {
        expect_invalid("crates.io", version);
    }
    EXPECT_EQ(relation("crates.io", "1.2.3-0a", "1.2.3+001"), "<");
}

TEST(GoVersion, OrdersPseudoVersionsByBaseThenTime) {
    expect_ascending(
        "Go",
        std::array{
            "v0.0.0-20190101000000-abcdef012345",
            "v0.0.0-20230203040506-012345abcdef",
            "v1.2.3-pre.0.20230203040506-012345abcdef",
            "v1.2.3",
            "v1.2.4-0.20190101000000-abcdef012345",
            "v1.2.4"});
}

TEST(GoVersion, MayLackTheVAndTheLastNumbers) {
    EXPECT_EQ(relation("Go", "1.2.3", "v1.2.3"), "=");
    EXPECT_EQ(relation("Go", "v1", "v1.0.0"), "=");
    EXPECT_EQ(relation("Go", "v1.2", "v1.2.0"), "=");
}

TEST(GoVersion, IsInvalidOutsideItsGrammar) {
    for (const auto* version :
         {"",
          "v",
          "vv1",
          "v01.2.3",
          "v1-pre",
          "v1.2+meta",
          "v1.2.3-01",
          "v1.2.3.4",
          "(devel)",
          "V1.2.3",
          "v1.2.3+"}) {
        expect_invalid("Go", version);
    }
}

}  // namespace
}  // namespace thimble::model
