#include "thimble/apply/host_changes.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace thimble::apply {
namespace {

using Texts = std::vector<std::string>;

void add_holds(const model::Plan& plan, const PackageHealth& health, Texts& changes) {
    if (!plan.held) {
        return;  // made by a version that did not keep them
    }
    const Texts now = held_names(health);
    Texts names;
    std::ranges::set_difference(now, *plan.held, std::back_inserter(names));
    for (const std::string& name : names) {
        changes.push_back(name + " is held since");
    }
    names.clear();
    std::ranges::set_difference(*plan.held, now, std::back_inserter(names));
    for (const std::string& name : names) {
        changes.push_back(name + " is held no longer");
    }
}

/// Of a step's package: what is not as before it. Of a kernel several versions are there at once.
std::string change_of(
    const model::PlannedStep& step, const std::vector<PackageVersion>& installed) {
    std::string other;
    for (const PackageVersion& package : installed) {
        if (package.name != step.name
            || !model::is_architecture_of_step(step, package.architecture)) {
            continue;
        }
        const bool is_before = package.version == step.from_version;
        if (is_before) {
            return {};
        }
        other = package.version;
    }
    if (step.from_version.empty()) {
        return other == step.to_version && !other.empty() ? step.name + " is installed now"
                                                          : std::string();
    }
    return other.empty() ? step.name + " is not installed any more"
                         : step.name + " is " + other + " now";
}

std::string joined(const Texts& changes) {
    constexpr std::size_t kMost = 10;
    std::string text;
    for (std::size_t at = 0; at < std::min(changes.size(), kMost); ++at) {
        text += (at == 0 ? "" : "; ") + changes[at];
    }
    return changes.size() > kMost
        ? text + " and " + std::to_string(changes.size() - kMost) + " more"
        : text;
}

}  // namespace

std::vector<std::string> held_names(const PackageHealth& health) {
    Texts names;
    std::ranges::transform(health.held, std::back_inserter(names), &PackageVersion::name);
    std::ranges::sort(names);
    const auto rest = std::ranges::unique(names);
    names.erase(rest.begin(), rest.end());
    return names;
}

std::string changes_since(
    const model::Plan& plan,
    const std::optional<std::vector<PackageVersion>>& installed,
    const std::optional<PackageHealth>& health) {
    Texts changes;
    if (health) {
        add_holds(plan, *health, changes);
    }
    for (const model::PlannedStep& step : plan.steps) {
        std::string change = installed ? change_of(step, *installed) : std::string();
        if (!change.empty()) {
            changes.push_back(std::move(change));
        }
    }
    return joined(changes);
}

}  // namespace thimble::apply
