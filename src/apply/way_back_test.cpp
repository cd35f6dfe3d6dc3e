#include "thimble/apply/way_back.hpp"

#include "thimble/apply/plan_builder_test.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
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

TEST(RestOfWayBack, IsWhatIsNotAtItsVersionBefore) {
    const model::Plan plan = small_plan();  // libx1 1-1 to 1-2, libx-data new, oldx removed
    const auto rest = [&](const Installed& installed, const PackageHealth& health) {
        std::vector<std::string> names;
        for (const model::PlannedStep& step : rest_of_way_back(plan, installed, health).steps) {
            names.push_back(step.name);
        }
        return names;
    };
    using Names = std::vector<std::string>;
    const PackageVersion libx{"libx1", "amd64", "1-1"};
    const PackageVersion oldx{"oldx", "amd64", "1-1"};
    const Names all = rest({{"libx-data", "amd64", "1-2"}, {"libx1", "amd64", "1-2"}}, {});

    EXPECT_EQ(all.size(), plan.steps.size());
    EXPECT_EQ(rest({libx, oldx}, {}), Names{});
    EXPECT_EQ(rest({libx}, {}), Names{"oldx"}) << "it was removed and has to come again";
    EXPECT_EQ(rest({{"libx-data", "amd64", "1-2"}, libx, oldx}, {}), Names{"libx-data"});
    PackageHealth health;
    health.unfinished = {libx};
    EXPECT_EQ(rest({libx, oldx}, health), Names{"libx1"}) << "it may have to be unpacked again";
    health.unfinished = {{"libx1", "i386", "1-1"}};
    EXPECT_EQ(rest({libx, oldx}, health), Names{});
    health.interrupted = true;
    EXPECT_EQ(rest({libx, oldx}, health), all) << "dpkg has yet to tell what is installed";
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

TEST(AbsentAfter, KnowsWhenAllPackagesWereThere) {
    EXPECT_EQ(absent_after(RunPhase::Examined, "unhealthy"), Absent::IsMoved);
    EXPECT_EQ(absent_after(RunPhase::Applied, "done"), Absent::IsMoved);
    EXPECT_EQ(absent_after(RunPhase::Applied, "failed"), Absent::IsOurs);
    EXPECT_EQ(absent_after(RunPhase::Repaired, "done"), Absent::IsOurs)
        << "apt took it for a moment";
    EXPECT_EQ(absent_after(RunPhase::RolledBack, "done"), Absent::IsOurs);
}

TEST(MovedWords, CountAPackageThatIsGoneOnlyWhereAllWereThere) {
    const std::vector<model::PlannedStep> steps{upgrade_step("libx1", "1-1", "1-2")};

    EXPECT_EQ(moved_words(steps, Installed{}, Absent::IsOurs), "");
    EXPECT_EQ(moved_words(steps, Installed{}, Absent::IsMoved), "libx1 is not installed any more");
    EXPECT_EQ(
        moved_words(steps, Installed{{"libx1", "amd64", "1-3"}}, Absent::IsOurs),
        "libx1 came to 1-3");
    EXPECT_EQ(moved_words(steps, Installed{{"libx1", "amd64", "1-1"}}, Absent::IsMoved), "");
}

/// Where somebody, or nobody, has left a package.
enum class Left : std::uint8_t { Before, After, Absent, Elsewhere };

struct LeftPackage {
    model::PlannedStep step;
    Left left = Left::Before;
};

/// Packages with a version before, each left somewhere; the same name may be there for two architectures.
std::vector<LeftPackage> arbitrary_packages() {
    std::vector<LeftPackage> packages;
    for (int number = 0; number < *rc::gen::inRange(0, 6); ++number) {
        for (const char* architecture : {"amd64", "i386"}) {
            LeftPackage one{
                .step = upgrade_step("lib" + std::to_string(number), "1-1", "1-2"),
                .left =
                    *rc::gen::element(Left::Before, Left::After, Left::Absent, Left::Elsewhere)};
            one.step.architecture = architecture;
            if (*rc::gen::arbitrary<bool>()) {
                one.step = way_back(one.step);
            }
            if (*rc::gen::inRange(0, 5) == 0) {
                one.step.change = model::PlannedChange::Remove;
                one.step.to_version.clear();
            }
            packages.push_back(one);
        }
    }
    return packages;
}

std::string version_of(const LeftPackage& package) {
    switch (package.left) {
        case Left::Before: return package.step.from_version;
        case Left::After: return package.step.to_version;
        case Left::Elsewhere: return "1-3";
        case Left::Absent: return {};
    }
    return {};
}

Installed installed_of(const std::vector<LeftPackage>& packages) {
    Installed installed;
    for (const LeftPackage& one : packages) {
        if (const std::string version = version_of(one); !version.empty()) {
            installed.push_back({one.step.name, one.step.architecture, version});
        }
    }
    std::ranges::sort(installed);
    return installed;
}

std::vector<model::PlannedStep> steps_of(const std::vector<LeftPackage>& packages) {
    std::vector<model::PlannedStep> steps;
    std::ranges::transform(packages, std::back_inserter(steps), &LeftPackage::step);
    return steps;
}

RC_GTEST_PROP(WithoutMoved, LeavesJustWhatNobodyElseHasChanged, ()) {
    const auto packages = arbitrary_packages();
    const auto steps = steps_of(packages);

    std::vector<model::PlannedStep> ours;
    for (const LeftPackage& one : packages) {
        if (one.left != Left::Elsewhere) {
            ours.push_back(one.step);
        }
    }

    RC_ASSERT(without_moved(steps, installed_of(packages)) == ours);
}

RC_GTEST_PROP(MovedWords, KeepARunFromAllThatSomebodyElseHasChanged, ()) {
    const auto packages = arbitrary_packages();
    const auto absent = *rc::gen::element(Absent::IsOurs, Absent::IsMoved);
    const bool has_moved = std::ranges::any_of(packages, [&](const LeftPackage& one) {
        const bool is_gone = one.left == Left::Absent && !one.step.to_version.empty();
        return one.left == Left::Elsewhere || (is_gone && absent == Absent::IsMoved);
    });

    const std::string words = moved_words(steps_of(packages), installed_of(packages), absent);

    RC_ASSERT(words.empty() != has_moved);
}

}  // namespace
}  // namespace thimble::apply
