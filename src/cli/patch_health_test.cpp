#include "thimble/cli/patch_health.hpp"

#include "thimble/inventory/fake_host_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>

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

TEST(PatchHealth, SaysWhereThereIsNothingToLookAt) {
    inventory::FakeHost directory;
    model::PlanPolicy policy;
    PatchHealth bare(directory, policy, [](std::chrono::milliseconds /*time*/) {});
    EXPECT_FALSE(bare.examine(*bare.observe())->looked);

    policy.probes.push_back(
        {.name = "web", .kind = model::ProbeKind::Command, .target = {}, .argv = {"/bin/true"}});
    PatchHealth probed(directory, policy, [](std::chrono::milliseconds /*time*/) {});
    EXPECT_FALSE(probed.examine(*probed.observe())->looked) << "nothing is executed there";

    directory.on_run = [](const host::Command& /*command*/) -> Result<host::Outcome> {
        return host::Outcome{0, "", ""};
    };
    EXPECT_TRUE(probed.examine(*probed.observe())->looked);
}

/// A machine with one service, which systemd starts anew as often as it ends.
class ServiceMachine {
public:
    ServiceMachine() {
        host.infos["/run/systemd/system"] = {};
        host.on_run = [this](const host::Command& command) -> Result<host::Outcome> {
            const bool is_about_containers =
                std::ranges::find(command.argv, "docker-*.scope") != command.argv.end();
            if (is_about_containers) {
                return host::Outcome{0, "", ""};
            }
            if (command.argv[0] == "systemctl" && command.argv[1] == "show") {
                const int told = restarts;
                restarts += restarts_each_time;
                const bool runs = looks++ != fails_in_look;
                const std::string state = runs ? "ActiveState=active\nSubState=running\n"
                                               : "ActiveState=failed\nSubState=failed\n";
                return host::Outcome{
                    0,
                    "Id=web.service\n" + state + "NRestarts=" + std::to_string(told) + "\n\n",
                    ""};
            }
            return failure(ErrorKind::Unsupported, "host.runs_nothing", "nothing else runs here");
        };
    }
    /// @param number  of the look in which the service has ended; the baseline is 0
    apply::HealthVerdict verdict(int number, std::uint32_t tries = 1) {
        fails_in_look = number;
        model::PlanPolicy policy;
        policy.settle_tries = tries;
        policy.settle = std::chrono::seconds(120);
        PatchHealth health(
            host, policy, [this](std::chrono::milliseconds time) { waited += time; });
        return *health.examine(*health.observe());
    }

    inventory::FakeHost host;
    int looks = 0;
    int fails_in_look = -1;
    int restarts = 0;
    int restarts_each_time = 0;
    std::chrono::milliseconds waited{0};
};

TEST(PatchHealth, BelievesAServiceWhenItIsWellTwice) {
    ServiceMachine well;
    EXPECT_TRUE(well.verdict(-1).healthy);
    EXPECT_EQ(well.waited, verify::kFirstSteps + std::chrono::seconds(120));

    ServiceMachine ends_late;
    EXPECT_FALSE(ends_late.verdict(2).healthy) << "it was well in the first look";
    ServiceMachine is_slow;
    EXPECT_TRUE(is_slow.verdict(1, 2).healthy) << "it was well in the two looks after that";
    EXPECT_EQ(is_slow.waited, verify::kFirstSteps + std::chrono::seconds(120));
}

TEST(PatchHealth, TellsOfAServiceThatIsStartedAgainAndAgain) {
    ServiceMachine machine;
    machine.restarts_each_time = 3;

    const apply::HealthVerdict verdict = machine.verdict(-1);

    EXPECT_FALSE(verdict.healthy);
    EXPECT_NE(
        verdict.document.find("web.service ended and was started anew 3 times"), std::string::npos)
        << verdict.document;

    ServiceMachine was_so_before;
    was_so_before.restarts = 5;
    was_so_before.restarts_each_time = 3;
    EXPECT_TRUE(was_so_before.verdict(-1).healthy);
}

}  // namespace
}  // namespace thimble::cli
