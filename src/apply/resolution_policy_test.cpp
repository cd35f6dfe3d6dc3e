#include "thimble/apply/resolution_policy.hpp"

#include "thimble/apply/plan_builder_test.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

std::string first_code(const Resolution& resolution, const model::PlanPolicy& policy) {
    const auto problems = judge_resolution(resolution, policy);
    return problems.empty() ? "" : problems.front().code;
}

Resolution resolution_with(model::PlannedChange change) {
    Resolution resolution;
    resolution.steps.push_back(upgrade_step("libx1", "1-1", "1-2"));
    resolution.steps.back().change = change;
    return resolution;
}

TEST(RefuseOtherRepositories, TakesTheIdOfARepositoryForItsOrigin) {
    const auto patterns = parse_origin_patterns(std::vector<std::string>{"origin=base*"});
    ASSERT_TRUE(patterns);
    Resolution resolution;
    for (const char* repository : {"baseos", "epel"}) {
        resolution.steps.push_back(upgrade_step("libx1", "1-1", "1-2"));
        resolution.steps.back().origin = repository;
    }
    resolution.steps.push_back(upgrade_step("old", "1-1", ""));
    resolution.steps.back().change = model::PlannedChange::Remove;

    Resolution free = resolution;
    refuse_other_repositories({}, free);
    refuse_other_repositories(*patterns, resolution);

    EXPECT_TRUE(free.problems.empty());
    ASSERT_EQ(resolution.problems.size(), 1U);
    EXPECT_EQ(resolution.problems[0].code, "apply.origin_not_allowed");
    EXPECT_EQ(resolution.problems[0].detail, "libx1 1-2 comes from epel, which no --origin allows");
    EXPECT_TRUE(resolution.problems[0].next.contains("--origin 'origin=epel'"));
}

TEST(JudgeResolution, PassesUpgradesAndNewPackages) {
    EXPECT_EQ(first_code(resolution_with(model::PlannedChange::Upgrade), {}), "");
    EXPECT_EQ(first_code(resolution_with(model::PlannedChange::Install), {}), "");
}

TEST(JudgeResolution, RefusesRemovalsAndDowngradesUnlessAllowed) {
    model::PlanPolicy policy;
    EXPECT_EQ(
        first_code(resolution_with(model::PlannedChange::Remove), policy),
        "apply.removal_not_allowed");
    EXPECT_EQ(
        first_code(resolution_with(model::PlannedChange::Downgrade), policy),
        "apply.downgrade_not_allowed");
    policy.allow_removals = true;
    policy.allow_downgrades = true;
    EXPECT_EQ(first_code(resolution_with(model::PlannedChange::Remove), policy), "");
    EXPECT_EQ(first_code(resolution_with(model::PlannedChange::Downgrade), policy), "");
}

TEST(JudgeResolution, NeverRemovesAnEssentialPackage) {
    Resolution resolution = resolution_with(model::PlannedChange::Remove);
    resolution.steps[0].essential = true;
    model::PlanPolicy policy;
    policy.allow_removals = true;

    EXPECT_EQ(first_code(resolution, policy), "apply.essential_removal");
}

TEST(JudgeResolution, RefusesAnEssentialPackageOrAKernelThatNobodyAskedFor) {
    Resolution resolution = resolution_with(model::PlannedChange::Upgrade);
    model::PlannedStep& step = resolution.steps.front();
    step.selected = false;
    step.source_name = "dpkg";
    EXPECT_EQ(first_code(resolution, {}), "");
    step.name = "linux-image-6.1.0-50-amd64";
    EXPECT_EQ(first_code(resolution, {}), "apply.essential_not_asked");
    step.name = "dpkg";
    step.essential = true;
    EXPECT_EQ(first_code(resolution, {}), "apply.essential_not_asked");

    resolution.steps.push_back(upgrade_step("libdpkg-perl", "1-1", "1-2"));
    resolution.steps.back().source_name = "dpkg";
    resolution.steps.back().selected = true;
    EXPECT_EQ(first_code(resolution, {}), "") << "a sibling was asked for";
}

TEST(JudgeResolution, KeepsWhatThePackageManagerFoundWrong) {
    Resolution resolution;
    resolution.problems.push_back({"apply.untrusted_origin", "x", ""});
    model::PlanPolicy policy;
    EXPECT_EQ(first_code(resolution, policy), "apply.untrusted_origin");
    policy.allow_untrusted = true;
    EXPECT_EQ(first_code(resolution, policy), "");
    resolution.problems.push_back({"apply.version_gone", "x", ""});
    EXPECT_EQ(first_code(resolution, policy), "apply.version_gone");
}

}  // namespace
}  // namespace thimble::apply
