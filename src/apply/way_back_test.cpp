#include "thimble/apply/way_back.hpp"

#include "thimble/apply/plan_builder_test.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble::apply {
namespace {

using Installed = std::vector<PackageVersion>;

TEST(WayBack, KnowsHowMuchTheFilesBeforeTook) {
    model::PlannedStep step = upgrade_step("libx1", "1-1", "1-2");
    step.growth_bytes = 1000;
    EXPECT_EQ(unpacked_before(step), 0U) << "what the new ones take is not known";
    step.unpacked_bytes = 5000;
    EXPECT_EQ(unpacked_before(step), 4000U);
    EXPECT_EQ(way_back(step).unpacked_bytes, 4000U);
    EXPECT_EQ(unpacked_before(way_back(step)), 5000U);
    step.growth_bytes = 5001;
    EXPECT_EQ(unpacked_before(step), 0U) << "a plan that contradicts itself";
}

TEST(MovedOn, IsAPackageAtNeitherEndOfItsStep) {
    const model::Plan plan = small_plan();  // libx1 1-1 to 1-2, libx-data new, oldx removed
    const PackageVersion added{"libx-data", "amd64", "1-2"};

    EXPECT_TRUE(moved_on(plan.steps, Installed{added, {"libx1", "amd64", "1-2"}}).empty());
    EXPECT_TRUE(moved_on(plan.steps, Installed{{"libx1", "amd64", "1-1"}, {"oldx", "amd64", "1-1"}})
                    .empty())
        << "a transaction that came half way";
    const auto later =
        moved_on(plan.steps, Installed{{"libx-data", "amd64", "1-3"}, {"libx1", "amd64", "1-3"}});
    ASSERT_EQ(later.size(), 1U) << "what was new may have been upgraded since";
    EXPECT_EQ(later[0].name, "libx1");
    EXPECT_EQ(later[0].installed, "1-3");
    const auto gone = moved_on(plan.steps, Installed{added, {"libx1", "i386", "1-2"}});
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0].installed, "") << "another architecture is another package";
}

TEST(MovedOn, KnowsAVersionOfAnotherArchitecture) {
    model::PlannedStep step = upgrade_step("libx-data", "1-1", "1-2");
    step.architecture = "all";
    const std::vector<model::PlannedStep> steps{step};

    EXPECT_TRUE(moved_on(steps, Installed{{"libx-data", "amd64", "1-1"}}).empty());
    EXPECT_EQ(moved_on(steps, Installed{{"libx-data", "amd64", "1-3"}}).size(), 1U);
}

TEST(MovedOn, KnowsThatKernelsStandSideBySide) {
    const std::vector<model::PlannedStep> steps{upgrade_step("kernel", "6-1", "6-2")};
    EXPECT_TRUE(
        moved_on(steps, Installed{{"kernel", "amd64", "6-2"}, {"kernel", "amd64", "6-3"}}).empty());
}

}  // namespace
}  // namespace thimble::apply
