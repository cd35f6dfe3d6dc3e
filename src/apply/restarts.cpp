#include "thimble/apply/restarts.hpp"

#include "thimble/model/loaded_at_boot.hpp"

#include <algorithm>
#include <string_view>

namespace thimble::apply {
namespace {

/// Modules and headers of a kernel are of its source, and boot nothing.
bool asks_for_boot(const model::PlannedStep& step) {
    if (step.change == model::PlannedChange::Remove) {
        return false;
    }
    if (model::is_kernel_package(step.name)) {
        return true;
    }
    return step.change != model::PlannedChange::Install && step.source_name != "linux"
        && model::is_live_after_boot(step.source_name);
}

}  // namespace

Restarts restarts_after(
    std::span<const model::PlannedStep> steps, const model::Inventory& inventory) {
    Restarts after;
    bool boots = false;
    bool maps = false;
    for (const model::PlannedStep& step : steps) {
        boots = boots || asks_for_boot(step);
        if (step.change == model::PlannedChange::Install) {
            continue;  // nothing runs of it yet
        }
        maps = maps || model::is_shared_library(step.name);
        for (const model::Listener& listener : inventory.listeners) {
            if (listener.package == step.name) {
                after.services.push_back(listener.command);
            }
        }
    }
    std::ranges::sort(after.services);
    const auto same = std::ranges::unique(after.services);
    after.services.erase(same.begin(), same.end());
    if (boots) {
        after.restart = model::Restart::Reboot;
    } else if (!steps.empty() && !inventory.listeners_known) {
        after.restart = model::Restart::Unknown;
    } else if (maps || !after.services.empty()) {
        after.restart = model::Restart::Services;
    }
    return after;
}

}  // namespace thimble::apply
