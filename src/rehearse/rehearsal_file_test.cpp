#include "thimble/rehearse/rehearsal_file.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

apply::KeptFile kept(std::string path) {
    apply::KeptFile file;
    file.path = std::move(path);
    file.kind = apply::KeptKind::File;
    file.sha256 = std::string(64, 'a');
    file.mode = 0644;
    return file;
}

Rehearsal some_rehearsal() {
    Rehearsal rehearsal{
        .plan_digest = "ab12cd34",
        .host_state = "ef56",
        .configuration = std::vector{kept("/etc/web.conf"), kept("/etc/other.conf")},
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
    linking.summary = "41 programs and libraries checked; none misses anything";
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

TEST(RehearsalFile, ReadsWhatAnEarlierVersionWrote) {
    std::string text = format_rehearsal(some_rehearsal());
    for (const char* member : {"\"configuration\"", "\"process_limit\""}) {
        const std::string name(member);
        ASSERT_NE(text.find(name), std::string::npos);
        text.replace(text.find(name), name.size(), "\"unknown_" + name.substr(1));
    }

    const auto rehearsal = parse_rehearsal(text);

    ASSERT_TRUE(rehearsal.has_value()) << rehearsal.error().text();
    EXPECT_FALSE(rehearsal->configuration.has_value());
    EXPECT_EQ(rehearsal->process_limit, "");
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

constexpr std::chrono::days kWeek{7};

RehearsedHost same_host() {
    const Rehearsal rehearsal = some_rehearsal();
    return {
        .plan_digest = rehearsal.plan_digest,
        .state = rehearsal.host_state,
        .changes = {},
        .configuration = *rehearsal.configuration,
        .now = rehearsal.rehearsed_at + std::chrono::days(1),
        .max_age = kWeek};
}

/// The reason and its words, or nothing.
std::pair<std::optional<Staleness>, std::string> stale(const RehearsedHost& host) {
    const auto why = why_stale(some_rehearsal(), host);
    return why ? std::pair(std::optional(why->why), why->words)
               : std::pair(std::optional<Staleness>(), std::string());
}

TEST(WhyStale, HoldsForOnePlanOnOneStateOfTheHost) {
    EXPECT_EQ(stale(same_host()).first, std::nullopt);
    RehearsedHost other_plan = same_host();
    other_plan.plan_digest = "other";
    EXPECT_EQ(stale(other_plan).first, Staleness::OtherPlan);
    RehearsedHost other_state = same_host();
    other_state.state = "other";
    EXPECT_EQ(stale(other_state).first, Staleness::HostChanged);
    other_state.changes = "curl is held since";
    EXPECT_EQ(
        stale(other_state).second, "packages of the host have changed since: curl is held since");
}

TEST(WhyStale, NamesTheConfigurationThatChanged) {
    RehearsedHost touched = same_host();
    touched.configuration[0].modified_seconds += 1;
    EXPECT_EQ(stale(touched).first, std::nullopt) << "a time alone changes nothing";

    RehearsedHost edited = same_host();
    edited.configuration[0].sha256 = std::string(64, 'b');
    EXPECT_EQ(stale(edited).first, Staleness::ConfigurationChanged);
    EXPECT_NE(stale(edited).second.find("/etc/web.conf"), std::string::npos);
    EXPECT_EQ(stale(edited).second.find("/etc/other.conf"), std::string::npos);

    RehearsedHost closed = same_host();
    closed.configuration[0].mode = 0600;
    EXPECT_EQ(stale(closed).first, Staleness::ConfigurationChanged);

    RehearsedHost unseen = same_host();
    unseen.configuration.pop_back();
    EXPECT_NE(stale(unseen).second.find("/etc/other.conf"), std::string::npos)
        << "what cannot be seen any more is not the same";

    Rehearsal earlier = some_rehearsal();
    earlier.configuration.reset();
    EXPECT_EQ(why_stale(earlier, same_host())->why, Staleness::ConfigurationChanged);
}

TEST(WhyStale, DoesNotHoldForEver) {
    const Instant then = some_rehearsal().rehearsed_at;
    RehearsedHost host = same_host();
    host.now = then + kWeek;
    EXPECT_EQ(stale(host).first, std::nullopt);
    host.now = then + kWeek + std::chrono::seconds(1);
    EXPECT_EQ(stale(host).first, Staleness::TooOld);
    host.max_age = std::chrono::seconds(0);
    EXPECT_EQ(stale(host).first, std::nullopt) << "no bound was asked for";
    host.now = then - std::chrono::minutes(30);
    EXPECT_EQ(stale(host).first, std::nullopt) << "a clock was set right";
    host.now = then - std::chrono::hours(2);
    EXPECT_EQ(stale(host).first, Staleness::TooOld) << "it is of the future";
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
