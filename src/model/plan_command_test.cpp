#include "thimble/model/plan_command.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

TEST(PlanCommand, SaysNothingOfWhatIsTheDefault) {
    EXPECT_EQ(plan_command({}), "thimble patch plan");
    EXPECT_EQ(plan_command({}, " --root '/a b'"), "thimble patch plan --root '/a b'");
}

TEST(PlanCommand, QuotesWhatAShellWouldRead) {
    PlanRequest request;
    PlanSelection& selection = request.selection;
    selection.all = true;
    selection.vulnerabilities = {"CVE-2026-1"};
    selection.packages = {"lib*", "-x"};
    selection.advisories = {"DSA-1-1"};
    selection.excluded = {"a b"};
    selection.level = UpgradeLevel::Upgrade;

    EXPECT_EQ(
        plan_command(request),
        "thimble patch plan --security --all --cve CVE-2026-1 --package 'lib*' '--package=-x' "
        "--advisory DSA-1-1 --exclude 'a b' --level upgrade");
}

TEST(PlanCommand, SaysByWhichRulesOfTheOwner) {
    PlanRequest request;
    PlanPolicy& policy = request.policy;
    policy.origins = {"label=Debian,suite=*"};
    policy.allow_removals = policy.allow_downgrades = policy.allow_untrusted = true;
    policy.conffiles = ConffilePolicy::Refuse;
    policy.roll_back_on_failure = false;
    policy.reserve_bytes = 0;
    policy.settle = std::chrono::seconds(5);
    policy.settle_tries = 1;
    policy.transaction_timeout = std::chrono::seconds(60);
    policy.silence_timeout = std::chrono::seconds(0);

    EXPECT_EQ(
        plan_command(request),
        "thimble patch plan --origin 'label=Debian,suite=*' --allow-removals --allow-downgrades "
        "--allow-untrusted --conffiles refuse --no-rollback --reserve 0 --settle 5 "
        "--settle-tries 1 --transaction-limit 60 --silence-limit 0");
}

TEST(PlanCommand, GivesAllProbesTheMostTimeThatOneHas) {
    PlanRequest request;
    request.policy.probes = {
        {.name = "web", .kind = ProbeKind::Http, .target = "http://h/?a&b", .argv = {}},
        {.name = "own", .kind = ProbeKind::Command, .target = {}, .argv = {"test", "-f", "/x"}}};
    EXPECT_EQ(
        plan_command(request),
        "thimble patch plan --probe 'web=http:http://h/?a&b' --probe 'own=command:test -f /x'");

    request.policy.probes[0].timeout = std::chrono::seconds(3);
    EXPECT_FALSE(plan_command(request).contains("--probe-limit"));
    request.policy.probes.pop_back();
    EXPECT_TRUE(plan_command(request).ends_with(" --probe-limit 3"));
}

}  // namespace
}  // namespace thimble::model
