#include "thimble/cli/verify_report.hpp"

#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::cli {
namespace {

VerifyReport report_of(model::PatchState state) {
    VerifyReport report;
    report.run = "r1";
    report.facts.inventory.processes_known = true;
    verify::PatchVerdict verdict;
    verdict.source = "curl";
    verdict.state = state;
    report.patches.push_back(verdict);
    return report;
}

std::string next_of(const VerifyReport& report) {
    const std::string text = verify_text(report, " --root /srv/a");
    return text.substr(text.find("Next: "));
}

TEST(VerifyText, NamesTheStepThatTheWorstFindingAsksFor) {
    using model::PatchState;
    EXPECT_EQ(next_of(report_of(PatchState::Verified)), "Next: thimble scan --root /srv/a\n");
    EXPECT_NE(next_of(report_of(PatchState::Failed)).find("rollback r1 --root"), std::string::npos);
    EXPECT_EQ(next_of(report_of(PatchState::Missing)), "Next: thimble patch plan --root /srv/a\n");
    EXPECT_NE(
        next_of(report_of(PatchState::Unknown)).find("see what is named above"), std::string::npos);

    VerifyReport planned = report_of(PatchState::Missing);
    planned.run.clear();
    planned.plan = "my plan.json";
    planned.restarts.push_back(
        {.unit = "a.service", .safety = verify::RestartSafety::Safe, .why = "", .argv = {}});
    planned.plan_step = "thimble patch rehearse 'my plan.json'";
    EXPECT_EQ(next_of(planned), "Next: thimble patch rehearse 'my plan.json'\n");
    planned.patches.clear();
    EXPECT_EQ(
        next_of(planned),
        "Next: thimble verify --plan 'my plan.json' --root /srv/a --restart-services\n");

    VerifyReport report = report_of(PatchState::InstalledPendingRestart);
    report.restarts.push_back(
        {.unit = "a.service", .safety = verify::RestartSafety::Safe, .why = "", .argv = {}});
    EXPECT_NE(next_of(report).find("--restart-services"), std::string::npos);
    report.has_restarted = true;
    EXPECT_EQ(next_of(report).find("--restart-services"), std::string::npos) << "it was tried";

    report.facts.health.push_back(
        {.name = "probe web",
         .verdict = verify::CheckVerdict::Fail,
         .summary = "HTTP 500",
         .before = {},
         .after = {}});
    EXPECT_NE(next_of(report).find("rollback r1"), std::string::npos) << "the worst comes first";
}

TEST(VerifyText, OffersNoWayBackWhereTheVersionsBeforeAreBack) {
    VerifyReport report = report_of(model::PatchState::RolledBack);
    report.facts.health.push_back(
        {.name = "probe web",
         .verdict = verify::CheckVerdict::Fail,
         .summary = "passed before, fails now: HTTP 500",
         .before = {},
         .after = {}});

    EXPECT_EQ(
        next_of(report),
        "Next: the versions before are back: look at what fails with them, too (probe web), then "
        "thimble verify r1 --root /srv/a; what stays open: thimble explain curl --root /srv/a\n");
    EXPECT_EQ(verify_text(report, "").find("rollback"), std::string::npos);

    report.patches.push_back(report.patches.front());
    report.patches.back().state = model::PatchState::FailedHealth;
    EXPECT_NE(next_of(report).find("thimble patch rollback r1"), std::string::npos)
        << "not all of it is back";
}

TEST(VerifyText, TellsOfARunThatMayHaveStoppedHalfway) {
    VerifyReport report = report_of(model::PatchState::Verified);
    report.open.push_back({.run = "r2", .problem = ""});
    EXPECT_NE(verify_text(report, "").find("run r2 has not ended"), std::string::npos);
    EXPECT_EQ(next_of(report), "Next: thimble patch resume --root /srv/a\n");
    EXPECT_NE(
        verify_json(report).find(R"("open_runs":[{"run":"r2","problem":null}])"), std::string::npos)
        << verify_json(report);
}

TEST(VerifyStatus, IsNotDoneWhileARebootWaits) {
    VerifyReport report = report_of(model::PatchState::Verified);
    EXPECT_EQ(verify_status(report), kNothingDue);
    report.reboot = {"kernel 6.1.0-29-amd64 runs, 6.1.0-30-amd64 is installed"};
    EXPECT_EQ(verify_status(report), kSomethingDue) << "whatever the newest run was";
    EXPECT_EQ(
        next_of(report), "Next: reboot in the next window, then thimble verify --root /srv/a\n");
    EXPECT_NE(verify_text(report, "").find("a reboot waits: kernel"), std::string::npos);
    EXPECT_NE(verify_json(report).find(R"("reboot_reasons":["kernel)"), std::string::npos);
    report.plan = "plan.json";
    EXPECT_EQ(verify_status(report), kNothingDue) << "the plan that was asked about is verified";
}

TEST(VerifyStatus, CannotTellWhereThereIsNothingToVerify) {
    VerifyReport report = report_of(model::PatchState::Verified);
    report.patches.clear();
    EXPECT_EQ(verify_status(report), kCouldNotTell);
    report.facts.inventory.processes_known = false;
    EXPECT_EQ(verify_status(report), kCouldNotTell);
    report.reboot = {"/run/reboot-required is there"};
    EXPECT_EQ(verify_status(report), kSomethingDue);
}

TEST(VerifyText, SaysThatHealthWasNotLookedAt) {
    VerifyReport report = report_of(model::PatchState::Verified);
    EXPECT_EQ(verify_text(report, "").find("health:"), std::string::npos);
    EXPECT_NE(verify_json(report).find(R"("health_not_looked_at":null)"), std::string::npos);
    report.no_health = "no service manager, no probe";
    EXPECT_NE(
        verify_text(report, "").find("  health: not looked at: no service manager, no probe\n"),
        std::string::npos);
    EXPECT_NE(
        verify_json(report).find(R"("health_not_looked_at":"no service manager, no probe")"),
        std::string::npos);
}

TEST(VerifyText, TellsOfProbesThatNobodyCouldAsk) {
    VerifyReport report = report_of(model::PatchState::Unknown);
    report.no_health = "no service manager, and no probe could be asked";
    report.facts.health = verify::compare_probes(
        {}, {{.name = "web", .passed = false, .detail = "nothing is executed", .asked = false}});
    EXPECT_NE(
        verify_text(report, "").find("  unknown  probe web: not asked: nothing is executed\n"),
        std::string::npos)
        << verify_text(report, "");
    EXPECT_NE(verify_json(report).find(R"("verdict":"unknown")"), std::string::npos);
    EXPECT_EQ(verify_status(report), kCouldNotTell);
}

TEST(VerifyStatus, CannotTellWhileSomethingRunsFromADirectory) {
    VerifyReport report = report_of(model::PatchState::Verified);
    report.facts.inventory.processes_known = false;
    report.facts.of_root.emplace();
    report.facts.runs = false;
    EXPECT_EQ(verify_status(report), kNothingDue);
    report.facts.runs = true;
    report.facts.of_root->seen.push_back(
        {.pid = 42, .command = "served", .program = "/served", .replaced = {}});
    EXPECT_EQ(verify_status(report), kCouldNotTell);
    EXPECT_EQ(next_of(report).find("thimble scan"), std::string::npos) << "a scan does not say it";
}

TEST(VerifyText, NamesOnceWhatRunsFromADirectory) {
    VerifyReport report = report_of(model::PatchState::Unknown);
    report.facts.of_root.emplace();
    report.facts.of_root->seen.push_back(
        {.pid = 42, .command = "served", .program = "/served", .replaced = {}});
    report.patches.front().evidence = verify::words_of(*report.facts.of_root);
    report.patches.front().evidence.emplace_back("its own reason");
    report.patches.push_back(report.patches.front());

    const std::string text = verify_text(report, "");

    const std::size_t first = text.find("served (42) runs from the directory: /served");
    ASSERT_NE(first, std::string::npos) << text;
    EXPECT_EQ(text.find("served (42)", first + 1), std::string::npos) << text;
    const std::size_t reason = text.find("its own reason");
    EXPECT_NE(text.find("its own reason", reason + 1), std::string::npos) << text;
    const std::string json = verify_json(report);
    EXPECT_NE(json.find("served (42)", json.find("served (42)") + 1), std::string::npos)
        << "a program reads each patch by itself";
}

TEST(VerifyText, NamesTheWayOutOfAWayBackThatFailed) {
    VerifyReport report = report_of(model::PatchState::Failed);
    report.failed_return = {.run = "r2", .taken = "r1", .cause = apply::RunCause::Patch};
    EXPECT_NE(
        verify_text(report, " --root /a")
            .find("Next: mend what thimble history r2 --root /a names, then thimble patch rollback "
                  "r1 --root /a\n"),
        std::string::npos)
        << verify_text(report, " --root /a");
    EXPECT_NE(verify_text(report, "").find("  run r2 could not bring"), std::string::npos);
    report.failed_return->cause = apply::RunCause::NoSpace;
    EXPECT_TRUE(verify_text(report, "")
                    .contains("Next: free some space on the disk that is full, then thimble patch "
                              "rollback r1\n"));

    EXPECT_TRUE(verify_json(report).contains(R"("failed_return":{"run":"r2","takes_back":"r1"})"));
    EXPECT_TRUE(
        verify_json(report_of(model::PatchState::Failed)).contains(R"("failed_return":null)"));

    VerifyReport whole = report_of(model::PatchState::Verified);
    EXPECT_EQ(verify_status(whole), kNothingDue);
    whole.failed_return = report.failed_return;
    EXPECT_EQ(verify_status(whole), kSomethingDue) << "it was to be taken back";
    EXPECT_TRUE(next_of(whole).contains("thimble patch rollback r1")) << next_of(whole);
}

TEST(VerifyText, WaitsForARunThatIsAtWork) {
    VerifyReport report = report_of(model::PatchState::Failed);
    report.open = {{.run = "r2", .problem = ""}};
    EXPECT_EQ(verify_status(report), kSomethingDue);
    report.at_work = {
        .run = "r2", .worker = {.pid = 7, .command = "thimble-patch", .lock = "/run/x"}};

    EXPECT_EQ(verify_status(report), kCouldNotTell);
    EXPECT_EQ(next_of(report), "Next: when it has ended: thimble verify r1 --root /srv/a\n");
    const std::string text = verify_text(report, "");
    EXPECT_NE(text.find("run r2 is being carried out by process 7 (thimble-patch)"), text.npos);
    EXPECT_EQ(text.find("failed"), text.npos) << text;
    EXPECT_EQ(text.find("process is gone"), text.npos) << text;
    EXPECT_TRUE(verify_json(report).contains(
        R"("at_work":{"run":"r2","pid":7,"command":"thimble-patch"},)"));
}

TEST(VerifyText, CallsNothingVerifiedThatIsNot) {
    EXPECT_EQ(
        verify_text(report_of(model::PatchState::Failed), "").find("verified"), std::string::npos);
}

}  // namespace
}  // namespace thimble::cli
