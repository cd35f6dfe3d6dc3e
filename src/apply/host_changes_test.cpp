#include "thimble/apply/host_changes.hpp"

#include "thimble/apply/plan_builder_test.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

/// As it was for small_plan.
std::vector<PackageVersion> installed() {
    return {{"libx1", "amd64", "1-1"}, {"oldx", "amd64", "1-1"}, {"other", "amd64", "5"}};
}

TEST(ChangesSince, NamesHolds) {
    model::Plan plan = small_plan();
    plan.held = {"kept", "left"};
    PackageHealth health;
    health.held = {{"kept", "amd64", "1"}, {"kept", "i386", "1"}, {"libx1", "amd64", "1-1"}};
    EXPECT_EQ(held_names(health), (std::vector<std::string>{"kept", "libx1"}));
    EXPECT_EQ(
        changes_since(plan, installed(), health), "libx1 is held since; left is held no longer");
    EXPECT_EQ(changes_since(plan, installed(), std::nullopt), "");
    plan.held.reset();
    EXPECT_EQ(changes_since(plan, installed(), health), "") << "not known what was held then";
}

TEST(ChangesSince, NamesPackagesOfThePlan) {
    model::Plan plan = small_plan();
    plan.held.emplace();
    EXPECT_EQ(changes_since(plan, installed(), PackageHealth()), "");
    EXPECT_EQ(
        changes_since(
            plan,
            std::vector<PackageVersion>{{"libx-data", "amd64", "1-2"}, {"libx1", "amd64", "1-3"}},
            PackageHealth()),
        "libx1 is 1-3 now; libx-data is installed now; oldx is not installed any more");
    EXPECT_EQ(changes_since(plan, std::nullopt, PackageHealth()), "");
}

TEST(ChangesSince, CountsWhatItDoesNotName) {
    model::Plan plan = small_plan();
    plan.held.emplace();
    PackageHealth health;
    for (int number = 10; number < 25; ++number) {
        health.held.push_back({"p" + std::to_string(number), "amd64", "1"});
    }
    EXPECT_TRUE(changes_since(plan, installed(), health).ends_with("p19 is held since and 5 more"));
}

}  // namespace
}  // namespace thimble::apply
