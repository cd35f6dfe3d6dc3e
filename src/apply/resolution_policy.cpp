#include "thimble/apply/resolution_policy.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace thimble::apply {
namespace {

/// A package whose other version the host starts with.
bool is_kernel(const model::PlannedStep& step) {
    constexpr auto kImages = std::to_array<std::string_view>({"linux-image-", "kernel-"});
    return step.name == "kernel" || std::ranges::any_of(kImages, [&](std::string_view image) {
               return step.name.starts_with(image);
           });
}

/// Whether a step belongs to what was asked for: a new kernel image comes by way of its meta package,
/// and an essential package often beside its siblings.
bool is_asked_for(const Resolution& resolution, const model::PlannedStep& step) {
    return step.selected || std::ranges::any_of(resolution.steps, [&](const auto& other) {
               return other.selected && other.source_name == step.source_name;
           });
}

}  // namespace

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
        } else if (
            (step.essential || is_kernel(step)) && !removes && !is_asked_for(resolution, step)) {
            problems.push_back(
                {"apply.essential_not_asked",
                 std::string(step.essential ? "the essential package " : "the kernel ") + step.name
                     + " would come along to " + step.to_version + ", though nobody asked for it",
                 "Ask for it too: --package " + step.source_name});
        }
    }
    return problems;
}

}  // namespace thimble::apply
