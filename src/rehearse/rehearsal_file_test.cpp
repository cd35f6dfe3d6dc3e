#include "thimble/rehearse/rehearsal_file.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>

namespace thimble::rehearse {
namespace {

Rehearsal some_rehearsal() {
    Rehearsal rehearsal{
        .plan_digest = "ab12cd34",
        .host_state = "ef56",
        .rehearsed_at = Instant(std::chrono::seconds(1'795'519'700)),
        .clone = "clone of /",
        .verdict = CheckVerdict::Fail,
        .checks = {},
        .phases =
            {{.name = "before", .duration = std::chrono::milliseconds(1200)},
             {.name = "transaction", .duration = std::chrono::milliseconds(34'567)}},
        .clone_bytes = 12'345'678,
        .left_out = {"/home", "/srv"},
        .process_limit = "at most 2048 processes, by a control group (/sys/fs/cgroup)",
        .output = "Setting up web (2) ...\n"};
    Check config = named_check("config nginx");
    config.verdict = CheckVerdict::Fail;
    config.summary = "passed before the patch, fails after it";
    config.before = "passed";
    config.after =
        "failed\nnginx: [emerg] unknown directive \"upstream_conf\" in /etc/nginx/nginx.conf:7";
    Check linking = named_check("linking");
    linking.summary = "3 program or library files changed, 41 examined: all find what they need";
    Check schedules = named_check("schedules");
    schedules.verdict = CheckVerdict::Warn;
    schedules.summary = "1 new timer or cron table";
    schedules.evidence = {"/etc/cron.d/\x1b[31mevil\x1b[0m"};
    rehearsal.checks = {linking, config, schedules};
    return rehearsal;
}

TEST(RehearsalFile, ReadsBackWhatItWrote) {
    const Rehearsal rehearsal = some_rehearsal();
    Rehearsal clean = rehearsal;
    clean.checks[2].evidence = {"plain"};

    const auto again = parse_rehearsal(format_rehearsal(clean));

    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(*again, clean);
}

TEST(RehearsalFile, RefusesWhatIsNoneAndNamesTheMember) {
    EXPECT_EQ(parse_rehearsal("").error().code, "rehearse.bad_rehearsal");
    EXPECT_EQ(
        parse_rehearsal("{\"format\":\"thimble.rehearsal/2\"}").error().code,
        "rehearse.rehearsal_format");
    std::string text = format_rehearsal(some_rehearsal());
    text.replace(text.find("\"clone_bytes\""), 13, "\"clone_bites\"");
    const auto missing = parse_rehearsal(text);
    EXPECT_EQ(missing.error().code, "rehearse.bad_rehearsal");
    EXPECT_NE(missing.error().text().find("clone_bytes"), std::string::npos);
}

TEST(RehearsalFile, RefusesAVerdictThatIsBetterThanItsChecks) {
    Rehearsal rehearsal = some_rehearsal();
    rehearsal.verdict = CheckVerdict::Pass;

    EXPECT_EQ(parse_rehearsal(format_rehearsal(rehearsal)).error().code, "rehearse.bad_rehearsal");
}

TEST(RehearsalText, ShowsWhatDiffersSideBySideWithin80Columns) {
    const std::string text = rehearsal_text(some_rehearsal());

    EXPECT_EQ(text.substr(0, text.find('\n')), "Rehearsal in a clone of /: FAIL");
    EXPECT_NE(text.find("  FAIL  config nginx"), std::string::npos);
    EXPECT_NE(text.find("        passed                              failed\n"), std::string::npos);
    EXPECT_NE(
        text.find("The clone took 11 MiB. Time: before 1.2 s, transaction 34.5 s."),
        std::string::npos);
    EXPECT_NE(text.find("Not in the clone: /home, /srv."), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), 80U) << line;
    }
}

TEST(WhyStale, HoldsForOnePlanOnOneStateOfTheHost) {
    const Rehearsal rehearsal = some_rehearsal();

    EXPECT_FALSE(why_stale(rehearsal, "ab12cd34", "ef56").has_value());
    EXPECT_EQ(why_stale(rehearsal, "other", "ef56"), Staleness::OtherPlan);
    EXPECT_EQ(why_stale(rehearsal, "ab12cd34", "other"), Staleness::HostChanged);
}

TEST(AddEvidence, CountsWhatItDoesNotShow) {
    Check check = named_check("x");
    add_evidence(check, std::vector<std::string>(150, "a"));
    add_evidence(check, std::vector<std::string>(150, "b"));
    add_evidence(check, {"c"});

    EXPECT_EQ(check.evidence.size(), kMaxEvidence);
    EXPECT_EQ(check.evidence.back(), "and 101 more");
}

}  // namespace
}  // namespace thimble::rehearse
