#include "thimble/cli/blocked_patches.hpp"

#include "thimble/cli/kept_runs_test.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>

namespace thimble::cli {
namespace {

class BlockedPatches : public KeptRuns {
protected:
    void settle() {
        std::ostringstream said;
        settle_host_pins(options(), nullptr, said);
        err = said.str();
    }
    [[nodiscard]] bool is_pinned(const std::string& run, const std::string& package) const {
        return read(pin(run)).find("Package: " + package + ":amd64\n") != std::string::npos;
    }

    std::string err;
};

TEST_F(BlockedPatches, PinNothingThatOnlyCameAlong) {
    model::Plan plan = plan_of({{"curl", "2"}});
    plan.steps.push_back(apply::upgrade_step("libdepends", "1", "2"));
    model::PlannedStep other_version = apply::upgrade_step("curl-data", "1", "3");
    other_version.source_name = "curl";
    plan.steps.push_back(other_version);
    const std::string run =
        add(1, plan, {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "rolled_back"}});

    settle();

    EXPECT_TRUE(is_pinned(run, "curl"));
    EXPECT_FALSE(is_pinned(run, "libdepends"));
    EXPECT_FALSE(is_pinned(run, "curl-data")) << "of another version of that source";
}

TEST_F(BlockedPatches, PinAllOfASourceThatIsKnownByOneOfItsPackages) {
    model::Plan plan = plan_of({{"curl", "2+b1"}, {"libcurl", "2"}});
    plan.patches.pop_back();
    for (model::PlannedStep& step : plan.steps) {
        step.source_name = "curl";
        step.source_version = "2";
    }
    const std::string run =
        add(1, plan, {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "rolled_back"}});

    settle();

    EXPECT_TRUE(is_pinned(run, "curl"));
    EXPECT_TRUE(is_pinned(run, "libcurl"));
}

TEST_F(BlockedPatches, PinNothingThatWasAllowedAgainLater) {
    const std::string first = add_ended(1, {{"curl", "2"}, {"nginx", "2"}}, "rolled_back");
    const std::string second = add_ended(2, {{"curl", "2"}}, "rolled_back");
    settle();
    EXPECT_TRUE(is_pinned(second, "curl"));
    EXPECT_FALSE(is_pinned(first, "curl")) << "that is of the later run";
    ASSERT_TRUE(write_unblocking(state() / "runs" / second, {.at = kBegin, .reason = "mended"}));

    settle();

    EXPECT_FALSE(is_pinned(first, "curl"));
    EXPECT_TRUE(is_pinned(first, "nginx"));
    EXPECT_FALSE(std::filesystem::exists(pin(second)));
}

}  // namespace
}  // namespace thimble::cli
