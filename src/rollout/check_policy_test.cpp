#include "thimble/rollout/check_policy.hpp"

#include "thimble/rollout/parse_policy.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::rollout {
namespace {

const Instant kNow = *parse_instant("2026-11-29");

/// What is said of the smallest policy and these lines after it, which begin at line 3.
std::vector<std::string> said(const std::string& lines) {
    std::vector<std::string> texts;
    for (const PolicyProblem& problem : problems_of("policy: p\nhosts: all\n" + lines, 10, kNow)) {
        texts.push_back(text_of(problem));
    }
    return texts;
}

TEST(ProblemsOf, FindsNoneInAPolicy) {
    EXPECT_TRUE(said("windows: [{rule: FREQ=DAILY, opens: \"22:00\", lasts: 4h}]\n").empty());
}

TEST(ProblemsOf, TellsEverythingAtOnceEachWithItsLine) {
    const auto problems = said(
        "patches:\n"
        "  select: everything\n"
        "rings:\n"
        "  - {name: a, share: 10}\n"
        "  - name: b\n"
        "    share: rest\n"
        "    soak: long\n"
        "health: {success: 3, failures: few}\n"
        "services: maybe\n"
        "reboots: never\n");

    ASSERT_EQ(problems.size(), 7U) << problems.back();
    EXPECT_TRUE(problems[0].starts_with("line 4: patches.select: \"everything\"")) << problems[0];
    EXPECT_TRUE(problems[1].starts_with("line 6: rings[1].share: ")) << problems[1];
    EXPECT_TRUE(problems[2].starts_with("line 9: rings[2].soak: ")) << problems[2];
    EXPECT_TRUE(problems[3].starts_with("line 10: health.success: ")) << problems[3];
    EXPECT_TRUE(problems[4].starts_with("line 10: health.failures: ")) << problems[4];
    EXPECT_TRUE(problems[5].starts_with("line 11: services: ")) << problems[5];
    EXPECT_TRUE(problems[6].starts_with("line 12: reboots: it is not known here")) << problems[6];
}

TEST(ProblemsOf, ReadsOnInAMappingWhereSomethingIsWrong) {
    const auto problems = said(
        "patches:\n"
        "  level: highest\n"
        "  packages: [\"lib curl\"]\n"
        "windows:\n"
        "  - {rule: FREQ=DAILY, opens: noon, from: today, lasts: 4h, for: cake, colour: red}\n"
        "freezes:\n"
        "  - {name: f, kind: soft-ish, zone: Mars/Base, from: never, until: ever}\n"
        "approval: {before: nobody}\n"
        "reboot: {when: at noon, at_once: 0}\n");

    std::string all;
    for (const std::string& problem : problems) {
        all += problem + "\n";
    }
    for (const char* place :
         {"line 4: patches.level: ",
          "line 5: patches.packages[1]: ",
          "line 7: windows[1].opens: ",
          "line 7: windows[1].from: ",
          "line 7: windows[1].for: ",
          "line 7: windows[1].colour: it is not known here",
          "line 9: freezes[1].kind: ",
          "line 9: freezes[1].zone: ",
          "line 9: freezes[1].from: ",
          "line 9: freezes[1].until: ",
          "line 10: approval.before: ",
          "line 11: reboot.when: ",
          "line 11: reboot.at_once: "}) {
        EXPECT_NE(all.find(place), std::string::npos) << place << " in\n" << all;
    }
    EXPECT_EQ(problems.size(), 13U) << all;
}

TEST(ProblemsOf, TellsOfPartsThatDoNotFitBesideOthersThatAreWrong) {
    const auto problems = said(
        "rings:\n"
        "  - {name: a, share: 50%}\n"
        "  - {name: a, share: 10%}\n"
        "services: maybe\n"
        "windows: [{rule: \"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31\", opens: \"22:00\", lasts: "
        "4h}]\n");

    ASSERT_EQ(problems.size(), 3U);
    EXPECT_TRUE(problems[0].starts_with("line 3: rings: two rings are called")) << problems[0];
    EXPECT_TRUE(problems[1].starts_with("line 6: services: ")) << problems[1];
    EXPECT_TRUE(problems[2].starts_with("line 7: windows[1].rule: ")) << problems[2];
}

TEST(ProblemsOf, DoesNotTellWhatFollowsFromSomethingElse) {
    const auto problems = said(
        "rings:\n"
        "  - {name: a, share: lots}\n"
        "order:\n"
        "  - {groups: []}\n"
        "windows:\n"
        "  - {rule: FREQ=DAILY, opens: \"22:00\", lasts: long}\n");

    ASSERT_EQ(problems.size(), 3U);
    EXPECT_TRUE(problems[0].starts_with("line 4: rings[1].share: ")) << problems[0];
    EXPECT_TRUE(problems[1].starts_with("line 6: order[1].groups: ")) << problems[1];
    EXPECT_TRUE(problems[2].starts_with("line 8: windows[1].lasts: ")) << problems[2];
}

TEST(ProblemsOf, SaysWhereSomethingIsMissing) {
    const auto problems = problems_of("policy: p\nrings:\n  - share: 100%\n", 10, kNow);

    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(problems[0].line, 1);
    EXPECT_EQ(problems[0].place, "hosts");
    EXPECT_EQ(problems[1].line, 3);
    EXPECT_EQ(problems[1].place, "rings[1].name");
}

TEST(ProblemsOf, HasTheLineOfWhatIsNoYaml) {
    const auto problems = problems_of("policy: p\nhosts: [\n", 10, kNow);

    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].line, 3);
    EXPECT_EQ(problems_of("- a\n", 10, kNow).front().what, "a mapping is wanted");
}

TEST(ProblemsOf, IsBounded) {
    std::string lines;
    for (int at = 0; at < 100; ++at) {
        lines += "unknown" + std::to_string(at) + ": 1\n";
    }

    EXPECT_EQ(said(lines).size(), 20U);
}

TEST(ProblemsOf, NamesWindowsThatNeverOpen) {
    const std::string rest = ", opens: \"22:00\", lasts: 4h";
    const auto problems = said(
        "windows:\n"
        "  - {rule: FREQ=WEEKLY" + rest + "}\n"
        "  - {rule: \"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31\"" + rest + "}\n"
        "  - {rule: \"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29\"" + rest + "}\n"
        "  - {rule: \"FREQ=DAILY;UNTIL=20260201\"" + rest + "}\n");

    ASSERT_EQ(problems.size(), 2U);
    EXPECT_TRUE(problems[0].starts_with("line 5: windows[2].rule: ")) << problems[0];
    EXPECT_TRUE(problems[1].starts_with("line 7: windows[4].rule: ")) << problems[1];
}

TEST(ProblemsOf, NamesWhatNothingCanBeCalled) {
    const auto problems = said(
        "patches:\n"
        "  packages: [curl, \"lib curl\", -rf]\n"
        "  cves: [CVE-2024-3094, cve-2024-3094, \"DSA-1/2\"]\n"
        "  advisories: [DSA-5477-1, ../x]\n"
        "  exclude: [{package: \"a b\", owner: o, until: 2027-01-01, why: w}]\n");

    ASSERT_EQ(problems.size(), 6U) << problems.size();
    EXPECT_TRUE(problems[0].starts_with("line 4: patches.packages[2]: \"lib curl\" is no name"))
        << problems[0];
    EXPECT_TRUE(problems[1].starts_with("line 4: patches.packages[3]: ")) << problems[1];
    EXPECT_EQ(problems[2], "line 5: patches.cves[2]: \"cve-2024-3094\": write CVE- in capitals");
    EXPECT_TRUE(problems[3].starts_with("line 5: patches.cves[3]: ")) << problems[3];
    EXPECT_TRUE(problems[4].starts_with("line 6: patches.advisories[2]: ")) << problems[4];
    EXPECT_TRUE(problems[5].starts_with("line 7: patches.exclude[1].package: ")) << problems[5];
}

TEST(ParseNewPolicy, RefusesWhatAPolicyThatIsKeptMayStillSay) {
    const std::string text =
        "policy: p\nhosts: all\n"
        "windows: [{rule: \"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31\", opens: \"22:00\", lasts: 4h}]\n";

    EXPECT_TRUE(parse_policy(text, 10));
    EXPECT_EQ(parse_new_policy(text, 10, kNow).error().code, "rollout.bad_policy");
    EXPECT_TRUE(parse_new_policy("policy: p\nhosts: all\n", 10, kNow));
}

}  // namespace
}  // namespace thimble::rollout
