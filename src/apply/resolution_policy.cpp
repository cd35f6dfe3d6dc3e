#include "thimble/apply/resolution_policy.hpp"

#include "thimble/model/loaded_at_boot.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::apply {
namespace {

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
    if ((step.essential || is_part_of_kernel(step.name)) && !is_asked_for(resolution, step)) {
        return model::PlanProblem{
            "apply.essential_not_asked",
            std::string(step.essential ? "the essential package " : "the kernel ") + step.name
                + " would come along to " + step.to_version + ", though nobody asked for it",
            "Ask for it too: --package " + step.source_name};
    }
    return std::nullopt;
}

}  // namespace

bool is_part_of_kernel(std::string_view name) {
    constexpr auto kBeside = std::to_array<std::string_view>(
        {"headers",
         "devel",
         "tools",
         "libs",
         "doc",
         "docs",
         "macros",
         "source",
         "syms",
         "matched"});
    if (model::is_kernel_package(name)) {
        return true;
    }
    // kernel-devel-matched, kernel-tools-libs: one such word makes it something else, wherever it stands.
    return name.starts_with("kernel-") && !name.starts_with("kernel-firmware")
        && std::ranges::none_of(std::views::split(name, '-'), [&](const auto& word) {
               return std::ranges::find(kBeside, std::string_view(word)) != kBeside.end();
           });
}

void refuse_other_repositories(std::span<const OriginPattern> patterns, Resolution& resolution) {
    for (const model::PlannedStep& step : resolution.steps) {
        model::OfferOrigin repository;
        repository.origin = step.origin;
        const std::span<const model::OfferOrigin> archives(&repository, 1);
        if (step.change != model::PlannedChange::Remove && !allows_origin(patterns, archives)) {
            resolution.problems.push_back(
                origin_problem(step.name + " " + step.to_version, archives));
        }
    }
}

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
