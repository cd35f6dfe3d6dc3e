#include "thimble/inventory/zypper_answer.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace thimble::inventory {
namespace {

TEST(ParseZypperSummary, ReadsWhatComesAndWhatGoes) {
    const auto summary = parse_zypper_summary(
        "<?xml version='1.0'?><stream><message type='info'>Loading</message><install-summary>"
        "<to-upgrade><solvable type='package' name='t-lib' edition='1:2-1' arch='noarch' "
        "edition-old='1-1' arch-old='noarch'/></to-upgrade>"
        "<to-install><solvable type='package' name='t-new' edition='0:2-1' arch='noarch'/>"
        "<solvable type='patch' name='p' edition='1' arch='noarch'/></to-install>"
        "<to-remove><solvable type='package' name='t-old' edition='1-1' arch='noarch'/></to-remove>"
        "</install-summary></stream>");

    ASSERT_TRUE(summary) << summary.error().text();
    const std::vector<ZypperChange> expected{
        {"t-lib", "noarch", "1-1", "1:2-1"},
        {"t-new", "noarch", "", "2-1"},
        {"t-old", "noarch", "1-1", ""}};
    EXPECT_EQ(summary->changes, expected);
}

TEST(ParseZypperSummary, TakesAnotherArchitectureForAnotherPackage) {
    const auto summary = parse_zypper_summary(
        "<stream><install-summary><to-change-arch><solvable type='package' name='t' edition='2-1' "
        "arch='noarch' edition-old='1-1' arch-old='x86_64'/></to-change-arch></install-summary>"
        "</stream>");

    const std::vector<ZypperChange> expected{
        {"t", "noarch", "", "2-1"}, {"t", "x86_64", "1-1", ""}};
    EXPECT_EQ(summary->changes, expected);
}

TEST(ParseZypperSummary, KeepsTheReasonsForPeople) {
    const auto summary = parse_zypper_summary(
        "<stream><message type='error'>No provider</message><prompt id='1'><description>Problem: "
        "x</description></prompt></stream>");

    EXPECT_EQ(summary->complaint, "No provider; Problem: x");
}

TEST(ParseZypperSummary, RefusesWhatIsNoAnswerAndNamesThatAreNone) {
    EXPECT_EQ(parse_zypper_summary("Loading...").error().code, "inventory.bad_answer");
    EXPECT_FALSE(parse_zypper_summary(""));
    EXPECT_FALSE(parse_zypper_summary(
        "<stream><install-summary><to-install><solvable type='package' name='--root' "
        "edition='2-1' arch='noarch'/></to-install></install-summary></stream>"));
}

TEST(IsLocked, UnderstandsPatterns) {
    EXPECT_TRUE(is_locked("t-lib", "t-lib"));
    EXPECT_TRUE(is_locked("t-*", "t-lib"));
    EXPECT_TRUE(is_locked("*l?b*", "t-lib"));
    EXPECT_FALSE(is_locked("t-?", "t-lib"));
    EXPECT_FALSE(is_locked("t-lib", "t-library"));
    EXPECT_FALSE(is_locked("", "t-lib"));
}

TEST(ParseZypperDownloads, FindArchivesAlsoByTheNameThatRpmGivesThem) {
    const auto paths = parse_zypper_downloads(
        "<stream><download-result><solvable><kind>package</kind><name>t-lib</name><edition "
        "epoch='0' "
        "version='1' release='1'/><arch>noarch</arch></solvable><localfile path='/c/odd.rpm'/>"
        "</download-result></stream>");

    ASSERT_TRUE(paths) << paths.error().text();
    const std::map<std::string, std::string> expected{
        {"odd.rpm", "/c/odd.rpm"}, {"t-lib-1-1.noarch.rpm", "/c/odd.rpm"}};
    EXPECT_EQ(*paths, expected);
}

TEST(ParseZypperUpdates, ReadsPackagesAndWhereTheyComeFrom) {
    const auto updates = parse_zypper_updates(
        "<stream><update-status version='0.6'><update-list>"
        "<update kind='package' name='t-lib' edition='0:3-1' arch='noarch' edition-old='1-1'>"
        "<source url='file:/x' alias='t'/></update>"
        "<update kind='patch' name='p' edition='1' "
        "arch='noarch'/></update-list></update-status></stream>");

    ASSERT_TRUE(updates) << updates.error().text();
    const std::vector<ZypperUpdate> expected{{"t-lib", "noarch", "1-1", "3-1", "t"}};
    EXPECT_EQ(*updates, expected);
}

TEST(ParseZypperUpdates, RefusesWhatIsNoListAndNamesThatAreNone) {
    EXPECT_FALSE(parse_zypper_updates("<stream><message type='error'>x</message></stream>"));
    EXPECT_FALSE(
        parse_zypper_updates("<stream><update-status><update-list><update kind='package' name='-x' "
                             "edition='2-1' arch='noarch' "
                             "edition-old='1-1'/></update-list></update-status></stream>"));
}

TEST(ParseZypperSummary, KeepsTheVersionOfWhatIsInstalledAgain) {
    const auto summary = parse_zypper_summary(
        "<stream><install-summary><to-reinstall><solvable type='package' name='t' edition='2-1' "
        "arch='noarch'/></to-reinstall></install-summary></stream>");

    const std::vector<ZypperChange> expected{{"t", "noarch", "2-1", "2-1"}};
    EXPECT_EQ(summary->changes, expected);
}

TEST(ParseZypperRepositories, ComeByPriorityAndTellWhatIsChecked) {
    const auto repositories = parse_zypper_repositories(
        "<stream><repo-list>"
        "<repo alias='b' enabled='1' gpgcheck='0' repo_gpgcheck='1'><url>https://b</url></repo>"
        "<repo alias='a' enabled='0' gpgcheck='0'><url>https://a</url></repo>"
        "<repo alias='first' enabled='1' priority='10' pkg_gpgcheck='1'/>"
        "<repo enabled='1'/></repo-list></stream>");

    ASSERT_TRUE(repositories) << repositories.error().text();
    ASSERT_EQ(repositories->size(), 3U) << "one without an alias cannot be named";
    EXPECT_EQ((*repositories)[0].alias, "first");
    EXPECT_TRUE((*repositories)[0].is_checked);
    EXPECT_EQ((*repositories)[1].alias, "a");
    EXPECT_FALSE((*repositories)[1].is_enabled);
    EXPECT_FALSE((*repositories)[1].is_checked);
    EXPECT_EQ((*repositories)[2].url, "https://b");
    EXPECT_TRUE((*repositories)[2].is_checked);
    EXPECT_FALSE(parse_zypper_repositories("Loading"));
}

TEST(ParseZypperLocks, ReadsEveryName) {
    const auto locks = parse_zypper_locks(
        "<stream><locks><lock number='1'><name>t-lib</name><name>t-*</name></lock>"
        "<lock number='2'><name>x</name></lock></locks></stream>");

    ASSERT_TRUE(locks) << locks.error().text();
    EXPECT_EQ(*locks, (std::vector<std::string>{"t-lib", "t-*", "x"}));
    EXPECT_FALSE(parse_zypper_locks("<stream>"));
}

}  // namespace
}  // namespace thimble::inventory
