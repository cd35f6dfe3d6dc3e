#include "thimble/apply/resolution_policy.hpp"

namespace thimble::apply {

std::vector<model::PlanProblem> judge_resolution(
    const Resolution& resolution, const model::PlanPolicy& policy) {
    std::vector<model::PlanProblem> problems;
    for (const model::PlanProblem& problem : resolution.problems) {
        if (problem.code != "apply.untrusted_origin" || !policy.allow_untrusted) {
            problems.push_back(problem);
        }
    }
    for (const model::PlannedStep& step : resolution.steps) {
        const bool removes = step.change == model::PlannedChange::Remove;
        if (removes && step.essential) {
            problems.push_back(
                {"apply.essential_removal",
                 "the essential package " + step.name + " would be removed",
                 "Leave out what demands it: --exclude"});
        } else if (removes && !policy.allow_removals) {
            problems.push_back(
                {"apply.removal_not_allowed",
                 step.name + " " + step.from_version + " would be removed",
                 "Plan with --allow-removals, or leave out what demands it: --exclude"});
        } else if (step.change == model::PlannedChange::Downgrade && !policy.allow_downgrades) {
            problems.push_back(
                {"apply.downgrade_not_allowed",
                 step.name + " would go back from " + step.from_version + " to " + step.to_version,
                 "Plan with --allow-downgrades"});
        }
    }
    return problems;
}

}  // namespace thimble::apply
