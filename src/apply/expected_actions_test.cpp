#include "thimble/apply/expected_actions.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::apply {
namespace {

constexpr const char* kHead = "VERSION 3\nAPT::Architecture=amd64\nDpkg::Options::=x\n\n";

std::vector<std::string> compare(const std::vector<ExpectedAction>& expected, std::string list) {
    const auto actions = parse_apt_actions(kHead + list);
    EXPECT_TRUE(actions);
    return differences(expected, *actions);
}

const ExpectedAction kUpgrade{ActionKind::Unpack, "libx1", "amd64", "2", "/a/libx1.deb"};
const ExpectedAction kRemoval{ActionKind::Remove, "old", "all", "1", ""};
constexpr const char* kUpgradeLines =
    "libx1 1 amd64 same < 2 amd64 same /a/libx1.deb\n"
    "libx1 1 amd64 same < 2 amd64 same **CONFIGURE**\n";
constexpr const char* kRemovalLine = "old 1 all none > - - none **REMOVE**\n";

TEST(Differences, FindsNoneWhenAptDoesWhatIsExpected) {
    EXPECT_TRUE(compare({kUpgrade, kRemoval}, std::string(kUpgradeLines) + kRemovalLine).empty());
}

TEST(Differences, TellsWhatIsLeftOut) {
    EXPECT_EQ(
        compare({kUpgrade, kRemoval}, kUpgradeLines),
        std::vector<std::string>{"apt would not remove old 1"});
    EXPECT_EQ(
        compare({kUpgrade, kRemoval}, kRemovalLine),
        std::vector<std::string>{"apt would not install libx1 2"});
}

TEST(Differences, TellsWhatComesOrGoesBesides) {
    EXPECT_EQ(
        compare({kUpgrade}, std::string(kUpgradeLines) + kRemovalLine),
        std::vector<std::string>{"apt would remove old 1"});
    EXPECT_EQ(
        compare({kRemoval}, std::string(kRemovalLine) + "new - - none < 3 all none /a/new.deb\n"),
        std::vector<std::string>{"apt would install new 3"});
    EXPECT_EQ(
        compare(
            {kRemoval}, std::string(kRemovalLine) + "half 3 all none = 3 all none **CONFIGURE**\n"),
        std::vector<std::string>{"apt would configure half 3"});
}

TEST(Differences, TellsAnotherVersionArchitectureOrFile) {
    EXPECT_EQ(
        compare({kUpgrade}, "libx1 1 amd64 same < 3 amd64 same /a/libx1.deb\n"),
        std::vector<std::string>{"apt would install libx1 3, not 2"});
    EXPECT_EQ(
        compare({kUpgrade}, "libx1 1 amd64 same < 2 amd64 same /var/cache/libx1.deb\n"),
        std::vector<std::string>{
            "apt would install libx1 from /var/cache/libx1.deb, not from /a/libx1.deb"});
    EXPECT_EQ(compare({kUpgrade}, "libx1 - - none < 2 i386 same /a/libx1.deb\n").size(), 2U);
}

TEST(Differences, LetAnInterruptedPackageBeFinishedInEitherWay) {
    const ExpectedAction finish{ActionKind::Finish, "libx1", "amd64", "2", "/a/libx1.deb"};

    EXPECT_TRUE(compare({finish}, kUpgradeLines).empty());
    EXPECT_TRUE(compare({finish}, "libx1 2 amd64 same = 2 amd64 same **CONFIGURE**\n").empty());
    EXPECT_TRUE(compare({finish}, "").empty());
    EXPECT_FALSE(compare({finish}, "libx1 1 amd64 same < 2 amd64 same /b/libx1.deb\n").empty());
}

TEST(Differences, LetAPackageGoForAMomentOnly) {
    const std::string moment = "libx1 1 amd64 same < 2 amd64 same **REMOVE**\n";

    EXPECT_TRUE(compare({kUpgrade}, moment + kUpgradeLines).empty());
    EXPECT_EQ(
        compare({kUpgrade}, moment), std::vector<std::string>{"apt would not install libx1 2"});
    EXPECT_FALSE(compare({kRemoval}, "old 1 all none < 2 all none **REMOVE**\n").empty());
}

TEST(ParseAptActions, RefusesOtherProtocolsAndCutLists) {
    EXPECT_EQ(parse_apt_actions("").error().code, "apply.hook_protocol");
    EXPECT_EQ(parse_apt_actions("VERSION 2\n\n").error().code, "apply.hook_protocol");
    EXPECT_EQ(parse_apt_actions("VERSION 3\nA=b\n").error().code, "apply.bad_action_list");
    EXPECT_EQ(
        parse_apt_actions("VERSION 3\n\nlibx1 1 amd64 same <\n").error().code,
        "apply.bad_action_list");
    EXPECT_EQ(
        parse_apt_actions("VERSION 3\n\na - - none < 1 all none **ERROR**\n").error().code,
        "apply.bad_action_list");
}

TEST(ParseAptActions, TakesAnEpochOfZeroForNone) {
    const auto actions = parse_apt_actions(
        "VERSION 3\n\na 0:1 all none < 0:2-1 all none /x/a.deb\nb - - none < 1:2 all none "
        "/x/b.deb\n");

    ASSERT_TRUE(actions);
    ASSERT_EQ(actions->size(), 2U);
    EXPECT_EQ(actions->front().old_version, "1");
    EXPECT_EQ(actions->front().new_version, "2-1");
    EXPECT_EQ(actions->back().new_version, "1:2");
}

TEST(ParseAptActions, ReadsAPathWithBlanks) {
    const auto actions = parse_apt_actions("VERSION 3\n\na - - none < 1 all none /x y/a b.deb\n");

    ASSERT_TRUE(actions);
    EXPECT_EQ(actions->front().path, "/x y/a b.deb");
}

TEST(ParseExpectedActions, ReadsWhatWasWrittenAndRefusesEveryTruncation) {
    const std::vector<ExpectedAction> expected{kUpgrade, kRemoval};
    const std::string text = format_expected_actions(expected);

    EXPECT_EQ(*parse_expected_actions(text), expected);
    for (std::size_t length = 0; length + 1 < text.size(); ++length) {
        EXPECT_FALSE(parse_expected_actions(text.substr(0, length))) << length;
    }
}

}  // namespace
}  // namespace thimble::apply
