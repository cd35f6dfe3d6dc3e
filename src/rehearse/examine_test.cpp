#include "thimble/apply/package_manager.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/examine_files.hpp"
#include "thimble/rehearse/examine_packages.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"
#include "thimble/rehearse/trial.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::rehearse {
namespace {

using apply::PackageVersion;

model::PlannedStep step(
    model::PlannedChange change,
    const std::string& name,
    const std::string& from,
    const std::string& to) {
    model::PlannedStep planned;
    planned.change = change;
    planned.name = name;
    planned.architecture = "amd64";
    planned.from_version = from;
    planned.to_version = to;
    return planned;
}

model::Plan some_plan() {
    model::Plan plan;
    plan.steps = {
        step(model::PlannedChange::Upgrade, "lib", "1", "2"),
        step(model::PlannedChange::Install, "new", "", "1"),
        step(model::PlannedChange::Remove, "old", "3", "")};
    return plan;
}

const std::vector<PackageVersion> kBefore{
    {"lib", "amd64", "1"}, {"old", "amd64", "3"}, {"web", "amd64", "5"}};

TEST(ExaminePackages, PassesExactlyThePlansSteps) {
    const Check check = examine_packages(
        some_plan(),
        kBefore,
        {{"lib", "amd64", "2"}, {"new", "amd64", "1"}, {"web", "amd64", "5"}});

    EXPECT_EQ(check.verdict, CheckVerdict::Pass);
    EXPECT_EQ(check.summary, "3 packages changed, as planned; 1 of them removed");
    EXPECT_EQ(check.before, "lib:amd64 1\nnew:amd64 not installed\nold:amd64 3");
    EXPECT_EQ(check.after, "lib:amd64 2\nnew:amd64 1\nold:amd64 not installed");
}

TEST(ExaminePackages, KnowsAVersionOfAnotherArchitecture) {
    model::Plan plan;
    plan.steps = {step(model::PlannedChange::Upgrade, "data", "1", "2")};
    plan.steps[0].architecture = "all";

    EXPECT_EQ(
        examine_packages(plan, {{"data", "amd64", "1"}}, {{"data", "all", "2"}}).summary,
        "1 package changed, as planned");
    EXPECT_EQ(
        examine_packages(plan, {{"data", "amd64", "1"}}, {{"data", "amd64", "2"}}).verdict,
        CheckVerdict::Fail);
}

TEST(ExaminePackages, FailsOnOneThatIsMoreLessOrOther) {
    const auto verdict = [&](const std::vector<PackageVersion>& after) {
        return examine_packages(some_plan(), kBefore, after);
    };

    EXPECT_EQ(
        verdict({{"lib", "amd64", "2"}, {"new", "amd64", "1"}}).evidence,
        std::vector<std::string>{"web:amd64 is not installed, should be 5"});
    EXPECT_EQ(
        verdict({{"lib", "amd64", "1"}, {"new", "amd64", "1"}, {"web", "amd64", "5"}}).evidence,
        std::vector<std::string>{"lib:amd64 is 1, should be 2"});
    EXPECT_EQ(
        verdict({{"lib", "amd64", "1"}, {"new", "amd64", "1"}, {"web", "amd64", "5"}}).summary,
        "1 package is not what the plan says");
    EXPECT_EQ(
        verdict({{"extra", "amd64", "9"},
                 {"lib", "amd64", "2"},
                 {"new", "amd64", "1"},
                 {"web", "amd64", "5"}})
            .verdict,
        CheckVerdict::Fail);
}

TEST(ExamineTransaction, FailsUnlessItIsDoneAndShowsTheLastOfTheOutput) {
    apply::TransactionReport report;
    report.ending = apply::TransactionEnding::Done;
    EXPECT_EQ(examine_transaction(report).verdict, CheckVerdict::Pass);

    report.ending = apply::TransactionEnding::Failed;
    report.failed_package = "web";
    report.detail = "postinst returned 1";
    report.exit_status = 100;
    report.output = std::string(10'000, 'x') + "\nlast words\n";
    const Check check = examine_transaction(report);
    EXPECT_EQ(check.verdict, CheckVerdict::Fail);
    EXPECT_EQ(check.evidence.front(), "package web");
    EXPECT_EQ(check.evidence.back(), "last words");

    report.output = "web: no such database\ndpkg: error processing package web (--configure):\n";
    for (int number = 0; number < 300; ++number) {
        report.output += "Processing triggers ...\n";
    }
    report.output += "E: Sub-process /usr/bin/dpkg returned an error code (1)\n";
    Rehearsal rehearsal;
    rehearsal.checks = {examine_transaction(report)};
    const std::string text = rehearsal_text(rehearsal);
    for (const char* line :
         {"- package web\n",
          "- exit status 100\n",
          "- web: no such database\n",
          "- dpkg: error processing package web (--configure):\n",
          " lines left out; --json has all)\n",
          "- E: Sub-process /usr/bin/dpkg returned an error code (1)\n"}) {
        EXPECT_TRUE(text.contains(line)) << line << text;
    }
}

TEST(ExamineHealth, FailsOnWhatIsHalfDoneAndWasNot) {
    apply::PackageHealth clean;
    apply::PackageHealth broken;
    broken.unfinished = {{"web", "amd64", "5"}};

    EXPECT_EQ(examine_health(clean, clean).verdict, CheckVerdict::Pass);
    EXPECT_EQ(examine_health(clean, broken).verdict, CheckVerdict::Fail);
    EXPECT_EQ(examine_health(broken, broken).verdict, CheckVerdict::Warn);
    EXPECT_EQ(examine_health(broken, clean).verdict, CheckVerdict::Pass);
}

TEST(ExamineConffiles, ComparesWithThePrediction) {
    model::Plan plan;
    plan.conffiles = {
        {.package = "web",
         .path = "/etc/web.conf",
         .conflict = model::ConffileConflict::Edited,
         .diff = {}}};

    EXPECT_EQ(
        examine_conffiles(plan, {"/etc/web.conf.dpkg-dist", "/usr/x"}).verdict, CheckVerdict::Pass);
    EXPECT_EQ(examine_conffiles(plan, {}).verdict, CheckVerdict::Warn);
    EXPECT_EQ(
        examine_conffiles(model::Plan(), {"/etc/a.ucf-dist"}).evidence,
        std::vector<std::string>{"conflicted, but was not predicted: /etc/a"});
    EXPECT_EQ(examine_conffiles(model::Plan(), {"/etc/a"}).verdict, CheckVerdict::Pass);
}

TEST(ExamineOwnership, NamesWhatIsOfNoPackageAndNoCache) {
    OwnedFiles owned;
    owned.add_list("/.\n/usr/bin/web\n/lib/web.so\nnonsense\n/usr/sbin/webd");

    const Check check = examine_ownership(
        {"/etc/evil",
         "/sbin/webd",
         "/usr/bin/web",
         "/usr/lib/web.so",
         "/var/cache/x",
         "/var/lib/dpkg/status"},
        owned);

    EXPECT_EQ(check.verdict, CheckVerdict::Warn);
    EXPECT_EQ(check.evidence, std::vector<std::string>{"/etc/evil"});
    EXPECT_EQ(examine_ownership({"/usr/bin/web"}, owned).verdict, CheckVerdict::Pass);
    EXPECT_EQ(examine_ownership({}, OwnedFiles()).verdict, CheckVerdict::Warn)
        << "unknown is not green";
}

TEST(ExamineOtherPackages, FailsOnAProgramAndWarnsOfAFileThatThePlanLeavesAlone) {
    OwnedFiles owned;
    owned.add_list("/usr/bin/web\n/usr/sbin/sshd\n/etc/crontab\n/var/lib/dpkg/status");
    FileTree before;
    before.elf["/usr/sbin/sshd"] = {};
    const std::set<std::string, std::less<>> planned{"/usr/bin/web"};
    const auto look = [&](std::vector<std::string> changed) {
        return examine_other_packages({before, before, std::move(changed), {}, owned, planned});
    };

    EXPECT_EQ(
        look({"/usr/bin/web", "/etc/new", "/var/lib/dpkg/status"}).verdict, CheckVerdict::Pass);
    EXPECT_EQ(look({"/etc/crontab"}).verdict, CheckVerdict::Warn);
    const Check check = look({"/etc/crontab", "/usr/sbin/sshd"});
    EXPECT_EQ(check.verdict, CheckVerdict::Fail);
    EXPECT_EQ(
        check.evidence,
        (std::vector<std::string>{"/etc/crontab", "/usr/sbin/sshd: a program or library"}));
}

TEST(ExamineOtherPackages, FailsOnARemovedProgramAndWarnsOfAnotherRemovedFile) {
    OwnedFiles owned;
    owned.add_list(
        "/usr/bin/web\n/usr/sbin/script\n/usr/lib/web\n/usr/share/web/page\n/usr/bin/planned");
    FileTree before;
    before.elf["/usr/lib/web/plugin.so"] = {};
    const std::set<std::string, std::less<>> planned{"/usr/bin/planned"};
    const auto look = [&](std::vector<std::string> gone) {
        return examine_other_packages({before, before, {}, std::move(gone), owned, planned});
    };

    EXPECT_EQ(look({"/usr/bin/planned", "/usr/share/unowned"}).verdict, CheckVerdict::Pass);
    const Check data = look({"/usr/share/web/page"});
    EXPECT_EQ(data.verdict, CheckVerdict::Warn);
    EXPECT_EQ(data.evidence, std::vector<std::string>{"/usr/share/web/page: removed"});
    EXPECT_EQ(look({"/usr/sbin/script"}).verdict, CheckVerdict::Fail);
    const Check folder = look({"/usr/lib/web"});
    EXPECT_EQ(folder.verdict, CheckVerdict::Fail);
    EXPECT_EQ(
        folder.evidence, std::vector<std::string>{"/usr/lib/web: removed: a program or library"});
}

TEST(ExaminePrivileges, WarnsOfAPackagesAndFailsOnNobodys) {
    OwnedFiles owned;
    owned.add_list("/usr/bin/su");
    FileTree before;
    FileTree after;
    const PrivilegedFile setuid{.mode = 04755, .uid = 0, .gid = 0, .capabilities = {}};

    after.privileged = {{"/usr/bin/su", setuid}};
    EXPECT_EQ(examine_privileges(after, after, owned).verdict, CheckVerdict::Pass);
    EXPECT_EQ(examine_privileges(before, after, owned).verdict, CheckVerdict::Warn);
    after.privileged = {{"/usr/bin/evil", setuid}};
    EXPECT_EQ(examine_privileges(before, after, owned).verdict, CheckVerdict::Fail);
    before.privileged = after.privileged;
    after.privileged["/usr/bin/evil"].capabilities = "0100000200200000";
    EXPECT_EQ(examine_privileges(before, after, owned).verdict, CheckVerdict::Fail);
    after.privileged["/usr/bin/evil"] = {.mode = 0755, .uid = 0, .gid = 0, .capabilities = {}};
    EXPECT_EQ(examine_privileges(before, after, owned).verdict, CheckVerdict::Pass);
}

TEST(ExaminePrivileges, WarnsOfRightsThatBecomeWider) {
    struct Case {
        PrivilegedFile before;
        PrivilegedFile after;
        CheckVerdict verdict;
    };
    const auto file = [](std::uint32_t mode, std::uint32_t gid = 0, std::string capabilities = {}) {
        return PrivilegedFile{
            .mode = mode, .uid = 0, .gid = gid, .capabilities = std::move(capabilities)};
    };
    OwnedFiles owned;
    owned.add_list("/usr/bin/su");
    for (const Case& one :
         {Case{file(04750), file(04755), CheckVerdict::Warn},
          Case{file(04700), file(04755), CheckVerdict::Warn},
          Case{file(04750, 8), file(04750), CheckVerdict::Warn},
          Case{file(0755), file(0777), CheckVerdict::Warn},
          Case{file(0755, 0, "01"), file(0755), CheckVerdict::Warn},
          Case{file(04755), file(04750), CheckVerdict::Pass},
          Case{file(0777), file(0775), CheckVerdict::Pass}}) {
        FileTree before;
        FileTree after;
        before.privileged["/usr/bin/su"] = one.before;
        after.privileged["/usr/bin/su"] = one.after;

        EXPECT_EQ(examine_privileges(before, after, owned).verdict, one.verdict)
            << std::oct << one.before.mode << " to " << one.after.mode;
    }
}

TEST(ExaminePrivileges, WarnsOfConfigurationThatOthersMayReadNow) {
    FileTree before;
    before.etc_modes = {{"/etc/secret", 0640}, {"/etc/plain", 0644}};
    FileTree after = before;
    after.etc_modes["/etc/secret"] = 0644;
    after.etc_modes["/etc/new"] = 0644;

    const Check check = examine_privileges(before, after, {});

    EXPECT_EQ(check.verdict, CheckVerdict::Warn);
    EXPECT_EQ(check.summary, "1 file gives other rights than before");
    EXPECT_EQ(check.evidence, std::vector<std::string>{"/etc/secret: mode 0644, before 0640"});
}

TEST(ExamineSchedulesAndListeners, NameWhatIsNew) {
    FileTree before;
    before.schedules = {"/etc/cron.d/a"};
    FileTree after = before;
    after.schedules.emplace_back("/etc/cron.d/b");

    EXPECT_EQ(examine_schedules(before, before).verdict, CheckVerdict::Pass);
    EXPECT_EQ(examine_schedules(before, after).evidence, std::vector<std::string>{"/etc/cron.d/b"});
    constexpr auto kPorts = verify::kUsualPorts;
    EXPECT_EQ(examine_listeners({"tcp 0.0.0.0:80"}, {}, kPorts).verdict, CheckVerdict::Pass);
    EXPECT_EQ(examine_listeners({}, {"tcp 0.0.0.0:80"}, kPorts).verdict, CheckVerdict::Warn);
    const Check moved = examine_listeners({"udp 0.0.0.0:40000"}, {"udp 0.0.0.0:40001"}, kPorts);
    EXPECT_EQ(moved.verdict, CheckVerdict::Pass);
    EXPECT_NE(moved.summary.find("1 on another"), std::string::npos) << moved.summary;
    EXPECT_EQ(examine_listeners({}, {"udp 0.0.0.0:40001"}, kPorts).verdict, CheckVerdict::Warn);
}

TEST(ExamineLinking, FailsOnlyOnWhatIsNew) {
    LinkComparison comparison;
    comparison.earlier = {{"/usr/bin/a", "needs libx.so.1, which is not there"}};
    EXPECT_EQ(examine_linking(comparison, true).verdict, CheckVerdict::Pass);
    EXPECT_EQ(examine_linking(comparison, false).verdict, CheckVerdict::Warn);
    comparison.broken = comparison.earlier;
    EXPECT_EQ(examine_linking(comparison, true).verdict, CheckVerdict::Fail);
}

TEST(ExamineLinking, SaysHowManyMissWhatAndSinceWhen) {
    LinkComparison comparison;
    comparison.changed = 3;
    comparison.examined = 41;
    EXPECT_EQ(
        examine_linking(comparison, true).summary,
        "41 programs and libraries checked; none misses anything");
    comparison.earlier = {{"/usr/bin/a", "needs libx.so.1, which is not there"}};
    EXPECT_EQ(
        examine_linking(comparison, true).summary,
        "41 programs and libraries checked; 1 misses something that was missed before, too: "
        "/usr/bin/a needs libx.so.1, which is not there");
    comparison.broken = {
        {"/usr/bin/b", "needs liby.so.1, which is not there"},
        {"/usr/bin/b", "needs libz.so.1, which is not there"},
        {"/usr/bin/c", "needs libz.so.1, which is not there"}};
    const Check check = examine_linking(comparison, true);
    EXPECT_EQ(
        check.summary,
        "41 programs and libraries checked; 2 miss something that was found before: /usr/bin/b "
        "needs liby.so.1, which is not there, and 2 more; 1 misses something that was missed "
        "before, too: /usr/bin/a needs libx.so.1, which is not there");
    EXPECT_EQ(check.evidence.size(), 4U);
}

TEST(Examinations, SayWhereThereWasNothingToCheck) {
    EXPECT_EQ(
        examine_linking({}, true).summary,
        "no program or library file changed: there was nothing to check");
    LinkComparison removed;
    removed.changed = 2;
    EXPECT_EQ(
        examine_linking(removed, true).summary,
        "2 program or library files changed, and none is left that could be checked");
    EXPECT_EQ(examine_linking({}, false).verdict, CheckVerdict::Warn);
    OwnedFiles owned;
    owned.add_list("/usr/bin/web");
    EXPECT_EQ(examine_ownership({}, owned).summary, "no path changed: there was nothing to check");
    EXPECT_EQ(gather_trials("imports", {}, {}).summary, "there was nothing to try");
}

TEST(CompareTrials, WarnsOfWhatPassesOnlyAtASecondTry) {
    const TrialResult at_once{.name = "a", .passed = true, .output = {}};
    TrialResult again = at_once;
    again.was_tried_again = true;

    EXPECT_EQ(compare_trials({at_once}, {again}).front().verdict, CheckVerdict::Warn);
    EXPECT_EQ(compare_trials({again}, {again}).front().verdict, CheckVerdict::Pass);
    EXPECT_EQ(compare_trials({again}, {at_once}).front().verdict, CheckVerdict::Pass);
    const Check all = gather_trials("imports", {at_once}, {again});
    EXPECT_EQ(all.verdict, CheckVerdict::Warn);
    EXPECT_EQ(all.evidence.size(), 1);
}

TEST(CompareTrials, OnlyWhatPassedBeforeCanFail) {
    const TrialResult good{.name = "a", .passed = true, .output = "ok"};
    const TrialResult bad{.name = "a", .passed = false, .output = "no"};
    const auto verdict = [](const std::vector<TrialResult>& before, const TrialResult& after) {
        return compare_trials(before, {after}).front().verdict;
    };

    EXPECT_EQ(verdict({good}, good), CheckVerdict::Pass);
    EXPECT_EQ(verdict({good}, bad), CheckVerdict::Fail);
    EXPECT_EQ(verdict({bad}, bad), CheckVerdict::Pass);
    EXPECT_EQ(verdict({bad}, good), CheckVerdict::Pass);
    EXPECT_EQ(verdict({}, bad), CheckVerdict::Warn);
    EXPECT_EQ(
        compare_trials({bad}, {bad}, FailedBefore::IsDoubt).front().verdict, CheckVerdict::Warn);
    EXPECT_EQ(gather_trials("imports", {good}, {bad}).verdict, CheckVerdict::Fail);
    EXPECT_EQ(
        gather_trials("imports", {bad}, {bad}).evidence,
        std::vector<std::string>{"a: fails as before"});
    EXPECT_EQ(gather_trials("imports", {good}, {good}).summary, "1 of 1 pass");
}

}  // namespace
}  // namespace thimble::rehearse
