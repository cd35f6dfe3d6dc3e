#include "thimble/apply/resolution_policy.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

/// What the policy holds against one step.
std::optional<model::PlanProblem> objection(
    const Resolution& resolution, const model::PlannedStep& step, const model::PlanPolicy& policy) {
    if (step.change == model::PlannedChange::Remove) {
        if (step.essential) {
            return model::PlanProblem{
                "apply.essential_removal",
                "the essential package " + step.name + " would be removed",
                "Leave out what demands it: --exclude"};
        }
        if (!policy.allow_removals) {
            return model::PlanProblem{
                "apply.removal_not_allowed",
                step.name + " " + step.from_version + " would be removed",
                "Plan with --allow-removals, or leave out what demands it: --exclude"};
        }
        return std::nullopt;
    }
    if (step.change == model::PlannedChange::Downgrade && !policy.allow_downgrades) {
        return model::PlanProblem{
            "apply.downgrade_not_allowed",
            step.name + " would go back from " + step.from_version + " to " + step.to_version,
            "Plan with --allow-downgrades"};
    }
    if ((step.essential || is_kernel(step)) && !is_asked_for(resolution, step)) {
        return model::PlanProblem{
            "apply.essential_not_asked",
            std::string(step.essential ? "the essential package " : "the kernel ") + step.name
                + " would come along to " + step.to_version + ", though nobody asked for it",
            "Ask for it too: --package " + step.source_name};
    }
    return std::nullopt;
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
        if (auto problem = objection(resolution, step, policy)) {
            problems.push_back(*std::move(problem));
        }
    }
    return problems;
}

}  // namespace thimble::apply
