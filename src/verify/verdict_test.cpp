#include "thimble/verify/verdict_facts_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace thimble::verify {
namespace {

using model::PatchState;

TEST(JudgePatches, VerifiesWhatIsInstalledIntactAndLive) {
    EXPECT_EQ(state_of(good_facts()), PatchState::Verified);
}

TEST(JudgePatches, CountsANewerVersionAndNotAnOlderOne) {
    VerifyFacts facts = good_facts();
    facts.inventory.packages[0].version = "1-3";
    EXPECT_EQ(state_of(facts), PatchState::Verified);
    facts.inventory.packages[0].version = "1-2~rc1";
    EXPECT_EQ(state_of(facts), PatchState::Missing);
    facts.inventory.packages.clear();
    EXPECT_EQ(state_of(facts), PatchState::Missing);
}

TEST(JudgePatches, FailsWhatIsHalfInstalledOrAltered) {
    VerifyFacts facts = good_facts();
    facts.inventory.packages[0].state = model::PackageState::HalfConfigured;
    EXPECT_EQ(state_of(facts), PatchState::Failed);
    facts = good_facts();
    facts.files[0].differences.push_back({"libx1", "/usr/lib/libx.so.1", "changed"});
    EXPECT_EQ(state_of(facts), PatchState::Failed);
}

TEST(JudgePatches, FailsWhereTheTransactionStoppedHalfway) {
    model::Plan plan = plan_of_libx();
    plan.steps.push_back(step("came-along", "other", "2-1"));
    VerifyFacts facts = good_facts();
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Verified);
    facts.inventory.packages.push_back(facts.inventory.packages[0]);
    facts.inventory.packages[1].name = "came-along";
    facts.inventory.packages[1].state = model::PackageState::Unpacked;
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Failed);

    facts = good_facts();
    facts.inventory.package_manager_interrupted = true;
    EXPECT_EQ(state_of(facts), PatchState::Failed) << "its database is not what was done";
}

TEST(JudgePatches, IsUnknownWhereWhatWasSeenBeforeIsOutOfSight) {
    VerifyFacts facts = good_facts();
    HealthSnapshot before;
    before.listeners_known = true;
    facts.health = compare_health(before, HealthSnapshot());
    EXPECT_EQ(state_of(facts), PatchState::Verified) << "there was nothing to lose";
    before.listeners = {"tcp 0.0.0.0:22 sshd"};
    facts.health = compare_health(before, HealthSnapshot());
    EXPECT_EQ(state_of(facts), PatchState::Unknown);
    facts.health = compare_health(HealthSnapshot(), HealthSnapshot());
    EXPECT_EQ(state_of(facts), PatchState::Verified) << "it was never to be seen";
}

/// A process that runs from a directory.
VerifyFacts facts_of_root(std::vector<std::string> replaced) {
    VerifyFacts facts = good_facts();
    facts.inventory.processes_known = false;
    facts.of_root.emplace();
    facts.of_root->seen.push_back(
        {.pid = 42,
         .command = "served",
         .program = "/usr/sbin/served",
         .replaced = std::move(replaced)});
    return facts;
}

TEST(JudgePatches, NamesWhatRunsFromADirectoryAndIsNotSureOfIt) {
    const PatchVerdict verdict = judge_patches(plan_of_libx(), facts_of_root({})).front();

    EXPECT_EQ(verdict.state, PatchState::Unknown);
    EXPECT_NE(
        std::ranges::find(
            verdict.evidence,
            "served (42) runs from the directory: /usr/sbin/served; it maps nothing that was "
            "replaced"),
        verdict.evidence.end());
}

TEST(JudgePatches, WaitsForWhatMapsTheOldFileInADirectory) {
    const VerifyFacts facts = facts_of_root({"/lib/libx.so.1", "/etc/other"});
    const PatchVerdict verdict = judge_patches(plan_of_libx(), facts).front();

    EXPECT_EQ(verdict.state, PatchState::InstalledPendingRestart);
    EXPECT_TRUE(verdict.evidence.back().ends_with(
        "/usr/sbin/served; it maps what was replaced: /lib/libx.so.1, /etc/other"))
        << verdict.evidence.back();
    ASSERT_EQ(verdict.restarts.size(), 1U);
    EXPECT_EQ(verdict.restarts[0].unit, "served (42)");
    EXPECT_EQ(verdict.restarts[0].safety, RestartSafety::Careful);
    EXPECT_EQ(pending_restarts(facts), verdict.restarts);
}

TEST(JudgePatches, TakesTheKernelOfADirectoryForNoneThatRuns) {
    model::Plan plan = plan_of_libx();
    plan.steps[0].name = "linux-image-6.1.0-30-amd64";
    VerifyFacts facts = facts_of_root({});
    facts.inventory.packages[0].name = plan.steps[0].name;
    facts.files[0].package = plan.steps[0].name;

    const PatchVerdict verdict = judge_patches(plan, facts).front();

    EXPECT_EQ(verdict.state, PatchState::Unknown);
    EXPECT_TRUE(std::ranges::any_of(verdict.evidence, [](const std::string& sentence) {
        return sentence.contains("served (42)");
    })) << "it is named whatever the patch is of";
}

TEST(JudgePatches, CountsAProbeThatWasNotAskedAsUnknown) {
    VerifyFacts facts = good_facts();
    facts.health = compare_probes(
        {{.name = "web", .passed = true, .detail = "HTTP 200"}},
        {{.name = "web", .passed = false, .detail = "nothing is executed", .asked = false}});
    const PatchVerdict verdict = judge_patches(plan_of_libx(), facts).front();
    EXPECT_EQ(verdict.state, PatchState::Unknown);

    facts.health = compare_probes({}, {{.name = "web", .passed = true, .detail = "HTTP 204"}});
    const PatchVerdict asked = judge_patches(plan_of_libx(), facts).front();
    EXPECT_EQ(asked.state, PatchState::Verified);
    EXPECT_NE(std::ranges::find(asked.evidence, "probe web: HTTP 204"), asked.evidence.end());
}

TEST(JudgePatches, IsPendingWhileAProcessMapsTheOldFile) {
    VerifyFacts facts = good_facts();
    facts.inventory.stale_processes.push_back(
        process("served.service", "service", "/lib/libx.so.1"));

    const PatchVerdict verdict = judge_patches(plan_of_libx(), facts).front();

    EXPECT_EQ(verdict.state, PatchState::InstalledPendingRestart);
    ASSERT_EQ(verdict.restarts.size(), 1U);
    EXPECT_EQ(verdict.restarts[0].safety, RestartSafety::Safe);
    EXPECT_EQ(
        verdict.restarts[0].argv,
        (std::vector<std::string>{"systemctl", "restart", "--", "served.service"}));
}

TEST(JudgePatches, IsPendingWhileAProgramMayHaveReadTheOldModules) {
    VerifyFacts facts = good_facts();
    facts.files[0].paths = {"/usr/lib/python3/dist-packages/x.py"};
    facts.files[0].unpacked_at = Instant(std::chrono::seconds(2000));
    RunningInterpreter shop{
        .language = Language::Python,
        .process = process("shop.service", "service", ""),
        .started_at = Instant(std::chrono::seconds(1000))};
    shop.process.files.clear();
    facts.interpreters = {shop};

    const PatchVerdict verdict = judge_patches(plan_of_libx(), facts).front();
    EXPECT_EQ(verdict.state, PatchState::InstalledPendingRestart);
    ASSERT_EQ(verdict.restarts.size(), 1U);
    EXPECT_EQ(verdict.restarts[0].unit, "shop.service");
    EXPECT_EQ(pending_restarts(facts), verdict.restarts) << "it is restarted with the others";
    EXPECT_NE(
        verdict.evidence.back().find("probably still uses modules of libx1"), std::string::npos);

    facts.interpreters[0].started_at = Instant(std::chrono::seconds(1999));
    EXPECT_EQ(state_of(facts), PatchState::Verified) << "its own script has started it anew";
    facts.interpreters[0].started_at = Instant(std::chrono::seconds(3000));
    EXPECT_EQ(state_of(facts), PatchState::Verified) << "it has read the new ones";
    facts.interpreters[0] = shop;
    facts.interpreters[0].language = Language::Perl;
    EXPECT_EQ(state_of(facts), PatchState::Verified);
    facts.interpreters[0] = shop;
    facts.files[0].unpacked_at.reset();
    EXPECT_EQ(state_of(facts), PatchState::Unknown);
}

TEST(JudgePatches, LeavesProcessesOfOtherPackagesOut) {
    VerifyFacts facts = good_facts();
    facts.inventory.stale_processes.push_back(process("a.service", "service", "/usr/lib/liby.so"));
    EXPECT_EQ(state_of(facts), PatchState::Verified);
}

TEST(JudgePatches, IsUnknownWhenProcessesCannotBeSeen) {
    VerifyFacts facts = good_facts();
    facts.inventory.processes_known = false;
    EXPECT_EQ(state_of(facts), PatchState::Unknown);
    facts.runs = false;
    EXPECT_EQ(state_of(facts), PatchState::Verified);
}

TEST(JudgePatches, IsUnknownWhenFilesCannotBeCompared) {
    VerifyFacts facts = good_facts();
    facts.files[0].digests_known = false;
    EXPECT_EQ(state_of(facts), PatchState::Unknown);
    facts = good_facts();
    facts.files[0].unread = "denied";
    EXPECT_EQ(state_of(facts), PatchState::Unknown);
    facts = good_facts();
    facts.files[0].unreadable = {"/usr/bin/libx-admin: Permission denied"};
    EXPECT_EQ(state_of(facts), PatchState::Unknown);
    facts = good_facts();
    facts.files.clear();
    EXPECT_EQ(state_of(facts), PatchState::Unknown);
    // What is known to be wrong is told first.
    facts.inventory.stale_processes.push_back(process("a.service", "service", "/lib/libx.so.1"));
    facts.files = good_facts().files;
    facts.files[0].digests_known = false;
    EXPECT_EQ(state_of(facts), PatchState::InstalledPendingRestart);
}

TEST(JudgePatches, LooksAtTheFilesOfEachArchitecture) {
    model::Plan plan = plan_of_libx();
    plan.steps.push_back(step("libx1", "libx", "1-2"));
    plan.steps.back().architecture = "i386";
    VerifyFacts facts = good_facts();
    facts.inventory.packages.push_back(facts.inventory.packages[0]);
    facts.inventory.packages[1].architecture = "i386";
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Unknown);
    facts.files.push_back(facts.files[0]);
    facts.files[1].architecture = "i386";
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Verified);
    facts.files[1].differences.push_back({"libx1", "/usr/lib/libx.so.1", "changed"});
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Failed);
}

TEST(JudgePatches, KnowsALibraryByItsOldName) {
    VerifyFacts facts = good_facts();
    facts.files[0].paths = {"/usr/lib/libdns-9.18.28.so", "/usr/lib/plain.so"};
    facts.inventory.stale_processes.push_back(
        process("named.service", "service", "/usr/lib/libdns-9.18.24.so"));
    EXPECT_EQ(state_of(facts), PatchState::InstalledPendingRestart);
    facts.inventory.stale_processes[0].files = {"/usr/lib/libisc-9.18.24.so"};
    EXPECT_EQ(state_of(facts), PatchState::Verified);

    model::Plan plan = plan_of_libx();
    plan.steps.push_back(step("libx0", "libx", ""));
    plan.steps.back().change = model::PlannedChange::Remove;
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::InstalledPendingRestart);
}

TEST(JudgePatches, KnowsAFileThatOnlyTheVersionBeforeListed) {
    VerifyFacts facts = good_facts();
    facts.inventory.stale_processes.push_back(process("zold.service", "service", "/usr/bin/zold"));
    EXPECT_EQ(state_of(facts), PatchState::Verified);
    facts.old_files.push_back({"libx1", "amd64", {"/bin/zold"}});
    EXPECT_EQ(state_of(facts), PatchState::InstalledPendingRestart);
    facts.old_files[0].package = "of-another-patch";
    EXPECT_EQ(state_of(facts), PatchState::Verified);
    facts.old_files[0].package = "libx1";
    facts.inventory.stale_processes[0].files = {"/usr/lib/jna-17.so"};
    EXPECT_EQ(state_of(facts), PatchState::Verified) << "a file of its own that it has deleted";
}

TEST(JudgePatches, FailsHealthBeforeItCallsAnythingVerified) {
    VerifyFacts facts = good_facts();
    facts.health.push_back(
        {.name = "probe web",
         .verdict = CheckVerdict::Fail,
         .summary = "HTTP 500",
         .before = {},
         .after = {}});
    EXPECT_EQ(state_of(facts), PatchState::FailedHealth);
}

TEST(JudgePatches, SaysWhichRunTookBackWhatIsMissing) {
    VerifyFacts facts = good_facts();
    facts.inventory.packages[0].version = "1-1";
    const Instant at(std::chrono::seconds(1'790'000'000));
    facts.ways_back.push_back({"libx", "1-3", "other", at, "another version", true});
    EXPECT_EQ(state_of(facts), PatchState::Missing);
    facts.ways_back.push_back({"libx", "1-2", "r2", at, "somebody asked for it: slow", true});

    const PatchVerdict verdict = judge_patches(plan_of_libx(), facts).front();

    EXPECT_EQ(verdict.state, PatchState::RolledBack);
    EXPECT_EQ(
        verdict.evidence.back(),
        "run r2 took it back at " + format_instant(at) + ": somebody asked for it: slow");
    facts.ways_back.back().arrived = false;
    EXPECT_EQ(state_of(facts), PatchState::Missing);
    EXPECT_EQ(state_of(good_facts()), PatchState::Verified);
}

TEST(JudgePatches, BelievesWhatIsInstalledMoreThanTheRecord) {
    VerifyFacts facts = good_facts();
    facts.ways_back.push_back({"libx", "1-2", "r2", Instant{}, "x", true});
    EXPECT_EQ(state_of(facts), PatchState::Verified);
}

}  // namespace
}  // namespace thimble::verify
