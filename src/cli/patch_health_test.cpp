#include "thimble/cli/patch_health.hpp"

#include "thimble/inventory/fake_host_test.hpp"

#include <gtest/gtest.h>

namespace thimble::cli {
namespace {

TEST(PatchHealth, TakesNoBaselineWhereTheServiceManagerIsThereAndMute) {
    inventory::FakeHost machine;  // whose programs cannot be asked
    const model::PlanPolicy policy;
    PatchHealth health(machine, policy, [](std::chrono::milliseconds /*time*/) {});
    EXPECT_TRUE(health.observe().has_value()) << "there is no service manager";

    machine.infos["/run/systemd/system"] = {};

    const auto baseline = health.observe();
    ASSERT_FALSE(baseline.has_value());
    EXPECT_EQ(baseline.error().code, "cli.no_baseline");
}

}  // namespace
}  // namespace thimble::cli
