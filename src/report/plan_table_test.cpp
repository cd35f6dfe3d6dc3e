#include "thimble/report/plan_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::report {
namespace {

model::Plan plan_with_everything() {
    model::Plan plan;
    plan.host = "web1." + std::string(60, 'h');
    plan.patches.push_back({"openssl", "3.0.1-1", "3.0.1-2", {"CVE-2026-0001", "CVE-2026-0002"}});
    for (int at = 0; at < 40; ++at) {
        model::PlannedStep step;
        step.name = "package-number-" + std::to_string(at);
        step.change = at == 0 ? model::PlannedChange::Remove : model::PlannedChange::Upgrade;
        plan.steps.push_back(step);
    }
    plan.conffiles.push_back(
        {"openssl", "/etc/ssl/openssl.cnf", model::ConffileConflict::Edited, "-a\n+\x1b[31mb\n"});
    plan.conffiles.push_back(
        {std::string(40, 'p'), "/etc/x", model::ConffileConflict::Replaced, ""});
    plan.policy.origins = {
        "origin=Debian,label=Debian-Security,codename=bookworm-security", "site=a"};
    plan.left_out = {
        {"curl",
         "hold",
         "is held: " + std::string("by words ") + "that go on and on and on and on and on"},
        {"vim", "installed", "is installed already"}};
    plan.policy.probes.push_back(
        {"web", model::ProbeKind::Http, "http://127.0.0.1/", {}, std::chrono::seconds(5)});
    plan.policy.probes.push_back(
        {"up", model::ProbeKind::Command, "", {"/bin/is-up", "--all"}, std::chrono::seconds(5)});
    plan.services = {"nginx.service"};
    plan.restart = model::Restart::Services;
    plan.download_bytes = 3 << 20;
    plan.growth_bytes = -2048;
    plan.problems.push_back(
        {"apply.removal_not_allowed", "x would be removed", "--allow-removals"});
    return plan;
}

TEST(PlanTable, ShowsWhatClosesChangesCostsAndIsRefused) {
    const std::string text =
        plan_table(plan_with_everything(), std::string(64, 'a'), "plan.json", false);

    for (const char* part :
         {"closes CVE-2026-0001, CVE-2026-0002",
          "39 upgraded:",
          "1 REMOVED:",
          "download 3.0 MiB, 2 KiB less on disk",
          "asked before and after:\n      web: http http://127.0.0.1/\n      up: command "
          "/bin/is-up --all",
          "nginx.service",
          "/etc/ssl/openssl.cnf\n      of openssl, changed here and by the new version",
          "x would be removed [apply.removal_not_allowed]"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
}

TEST(PlanTable, FitsEightyColumns) {
    const std::string text =
        plan_table(plan_with_everything(), std::string(64, 'a'), "plan.json", false);

    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        EXPECT_LE(end - begin, 80U) << text.substr(begin, end - begin);
        begin = end + 1;
    }
}

TEST(PlanTable, ShowsWhereItMayComeFromAndWhatIsLeftOut) {
    const std::string text =
        plan_table(plan_with_everything(), std::string(64, 'a'), "plan.json", false);

    for (const char* part :
         {"  only from archives that match one of these:\n"
          "      origin=Debian,label=Debian-Security,codename=bookworm-security\n      site=a\n",
          "  left out:\n    curl: is held: by words that go on",
          "    vim: is installed already\n"}) {
        EXPECT_TRUE(text.contains(part)) << part << "\n" << text;
    }
    EXPECT_FALSE(plan_table({}, "", "plan.json", false).contains("left out"));
}

TEST(LeftOutText, SaysOnceThatAllWaitForThePackageManager) {
    const auto waiting = [](const char* source) {
        return model::LeftOut{source, "package_manager_interrupted", "waits for apt"};
    };
    EXPECT_EQ(left_out_text({waiting("a")}), "\n  left out:\n    a: waits for apt\n");
    EXPECT_EQ(
        left_out_text(
            {waiting("a"),
             waiting("b"),
             {"held", "hold", "is held"},
             waiting("c"),
             waiting("d"),
             waiting("e"),
             waiting("f")}),
        "\n  left out:\n    each of a, b, c, d, e and 1 more: waits for apt\n    held: is held\n");
}

TEST(PlanTable, ShowsDiffsThatDoNotDriveTheTerminal) {
    const std::string text =
        plan_table(plan_with_everything(), std::string(64, 'a'), "plan.json", true);

    EXPECT_NE(text.find("+?[31mb"), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(PlanTable, SaysWhatHasToRestart) {
    model::Plan plan = plan_with_everything();
    const auto says = [&plan](model::Restart restart, std::string_view words) {
        plan.restart = restart;
        return plan_table(plan, std::string(64, 'a'), "plan.json", false).find(words)
            != std::string::npos;
    };

    EXPECT_TRUE(says(model::Restart::None, "nothing has to restart"));
    EXPECT_TRUE(says(model::Restart::Reboot, "the host has to REBOOT afterwards"));
    EXPECT_TRUE(says(model::Restart::Unknown, "what has to restart is not known"));
}

TEST(PlanTable, TellsServicesAndLibrariesThatHaveToRestart) {
    model::Plan plan = plan_with_everything();
    const auto text = [&plan] {
        return plan_table(plan, std::string(64, 'a'), "plan.json", false);
    };
    constexpr std::string_view kServices = "  to restart afterwards:\n      nginx.service\n";
    constexpr std::string_view kLibraries =
        "  what uses the libraries that change has to restart\n";
    EXPECT_TRUE(text().contains(kServices)) << text();
    EXPECT_FALSE(text().contains(kLibraries)) << text();

    plan.steps.back().name = "libssl3";
    EXPECT_TRUE(text().contains(std::string(kServices).append(kLibraries))) << text();

    plan.steps.back().change = model::PlannedChange::Install;
    EXPECT_FALSE(text().contains(kLibraries)) << "nothing has mapped it yet";

    plan.steps.back().change = model::PlannedChange::Upgrade;
    plan.services.clear();
    EXPECT_TRUE(text().contains(kLibraries)) << text();
    EXPECT_FALSE(text().contains("to restart afterwards")) << text();
    plan.restart = model::Restart::Reboot;
    EXPECT_TRUE(text().contains("runs on with the old ones until then\n")) << text();
}

TEST(PlanTable, ShowsSizesOfEveryOrderAndCountsWhatDoesNotFit) {
    model::Plan plan = plan_with_everything();
    plan.download_bytes = std::uint64_t{3} << 30;
    plan.growth_bytes = 0;
    plan.patches.at(0).vulnerabilities.assign(40, "CVE-2026-0001");
    plan.host = std::string(200, 'h');

    const std::string text = plan_table(plan, std::string(64, 'a'), "plan.json", false);

    EXPECT_NE(text.find("download 3.0 GiB, 0 KiB more on disk"), std::string::npos) << text;
    EXPECT_NE(text.find(" and 3"), std::string::npos) << text;
    EXPECT_NE(text.find("h~"), std::string::npos) << text;
}

TEST(PlanTable, SaysHowAConfigurationFileConflicts) {
    model::Plan plan = plan_with_everything();
    plan.policy.conffiles = model::ConffilePolicy::Refuse;
    const auto says = [&plan](model::ConffileConflict conflict, std::string_view words) {
        plan.conffiles.at(0).conflict = conflict;
        return plan_table(plan, std::string(64, 'a'), "plan.json", false).find(words)
            != std::string::npos;
    };

    EXPECT_TRUE(says(model::ConffileConflict::Edited, "a conflict refuses the plan"));
    EXPECT_TRUE(says(model::ConffileConflict::Deleted, "deleted here, changed by the new version"));
    EXPECT_TRUE(says(model::ConffileConflict::Foreign, "new in the package, but already there"));
    EXPECT_TRUE(says(model::ConffileConflict::Replaced, "the package puts its own there"));
}

}  // namespace
}  // namespace thimble::report
