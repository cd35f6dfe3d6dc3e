#include "thimble/apply/taken_back.hpp"

#include "thimble/base/error.hpp"
#include "thimble/model/plan_command.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace thimble::apply {

bool went_back(const EarlierRun& run) {
    return run.result == "rolled_back" || run.result == "rollback_failed";
}

std::vector<TakenBack> taken_back_patches(std::span<const EarlierRun> runs) {
    std::map<std::pair<std::string, std::string>, const EarlierRun*> taken_back;
    for (const EarlierRun& run : runs) {
        const bool back = went_back(run);
        if (back && is_of_surroundings(run.cause)) {
            continue;  // it says nothing of its patches, nor that an earlier one was wrong about them
        }
        for (const model::PlannedPatch& patch : run.patches) {
            const std::pair key(patch.source, patch.to_version);
            if (back && !run.unblocked) {
                taken_back[key] = &run;
            } else if (back || run.result == "applied") {
                taken_back.erase(key);
            }
        }
    }
    std::vector<TakenBack> all;
    all.reserve(taken_back.size());
    for (const auto& [key, run] : taken_back) {
        all.push_back(
            {.source = key.first, .version = key.second, .run = run->id, .at = run->ended_at});
    }
    return all;
}

Result<void> refuse_taken_back(
    const model::Plan& plan, const std::string& digest, std::span<const EarlierRun> runs) {
    const bool was_carried_out = std::ranges::find(runs, digest, &EarlierRun::plan) != runs.end();
    for (const TakenBack& one : taken_back_patches(runs)) {
        const bool is_older =
            one.at > plan.created_at || (one.at == plan.created_at && was_carried_out);
        const auto is_it = [&](const model::PlannedPatch& patch) {
            return patch.source == one.source && patch.to_version == one.version;
        };
        if (is_older && std::ranges::any_of(plan.patches, is_it)) {
            return failure(
                ErrorKind::Conflict,
                "apply.taken_back",
                "run " + one.run + " took " + one.source + " " + one.version
                    + " back after this plan was made; when its cause is mended, make a new plan with "
                    + model::plan_command(model::request_of(plan), " --retry")
                    + ", or allow it again with thimble patch unblock " + one.run
                    + " --reason TEXT");
        }
    }
    return {};
}

}  // namespace thimble::apply
