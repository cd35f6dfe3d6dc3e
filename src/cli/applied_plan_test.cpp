#include "thimble/cli/applied_plan.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/cli/kept_runs_test.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::cli {
namespace {

class AppliedPlan : public KeptRuns {
protected:
    /// The code and text of the refusal; empty: there is none.
    [[nodiscard]] std::string refusal(const model::Plan& plan, const std::string& installed) const {
        const std::vector<KeptRun> runs = list_runs(state());
        const KeptRun* applied = run_that_applied(runs, root().string(), apply::plan_digest(plan));
        if (applied == nullptr) {
            return {};
        }
        const std::vector<apply::PackageVersion> packages{{"curl", "amd64", installed}};
        const auto allowed = refuse_applied(*applied, packages);
        return allowed ? std::string() : allowed.error().code + ": " + allowed.error().text();
    }
};

TEST_F(AppliedPlan, IsRefusedWithTheLastRunThatDidIt) {
    const model::Plan plan = plan_of({{"curl", "2"}});
    EXPECT_EQ(refusal(plan, "2"), "") << "nobody has applied it";
    add_ended(1, {{"curl", "2"}}, "failed");
    EXPECT_EQ(refusal(plan, "2"), "") << "it did not get there";
    add_ended(2, {{"curl", "2"}}, "applied");
    const std::string run = add_ended(3, {{"curl", "2"}}, "applied");
    add_ended(4, {{"curl", "2"}}, "skipped");

    EXPECT_TRUE(refusal(plan, "2").starts_with(
        "cli.applied_already: this plan was applied by run " + run + " on 2024-10-04T00:00:03Z, "))
        << refusal(plan, "2");
    EXPECT_EQ(refusal(plan_of({{"curl", "3"}}), "3"), "") << "another plan";
}

TEST_F(AppliedPlan, MayBeAppliedAgainWhereItIsNotInstalledAnyMore) {
    const model::Plan plan = plan_of({{"curl", "2"}});
    add_ended(1, {{"curl", "2"}}, "applied");
    EXPECT_EQ(refusal(plan, "1"), "");
    EXPECT_EQ(refusal(plan, "3"), "");
}

TEST_F(AppliedPlan, IsOfItsOwnHost) {
    const model::Plan plan = plan_of({{"curl", "2"}});
    add(1,
        plan,
        {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "applied"}},
        "/srv/other");
    EXPECT_EQ(refusal(plan, "2"), "");
}

}  // namespace
}  // namespace thimble::cli
