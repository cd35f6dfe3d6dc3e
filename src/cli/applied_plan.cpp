#include "thimble/cli/applied_plan.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/run_steps.hpp"
#include "thimble/base/error.hpp"

#include <algorithm>

namespace thimble::cli {

const KeptRun* run_that_applied(
    std::span<const KeptRun> runs, const std::string& root, const std::string& digest) {
    const auto newest = std::find_if(runs.rbegin(), runs.rend(), [&](const KeptRun& run) {
        return run.problem.empty() && run.is_of(root) && run.has_ended() && run.takes_back.empty()
            && run.entries.back().word == apply::run_result_name(apply::RunResult::Applied)
            && apply::plan_digest(run.plan) == digest;
    });
    return newest == runs.rend() ? nullptr : &*newest;
}

Result<void> refuse_applied(
    const KeptRun& applied, std::span<const apply::PackageVersion> installed) {
    if (apply::standing_of(applied.plan.steps, installed) != apply::Standing::After) {
        return {};
    }
    return failure(
        ErrorKind::Conflict,
        "cli.applied_already",
        "this plan was applied by run " + applied.id + " on "
            + format_instant(applied.entries.back().at)
            + ", and everything of it is installed; to see whether it is live: thimble verify "
            + applied.id);
}

}  // namespace thimble::cli
