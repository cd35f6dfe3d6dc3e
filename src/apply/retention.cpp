#include "thimble/apply/retention.hpp"

#include <algorithm>

namespace thimble::apply {

Prunable prunable_runs(std::span<const RetainedRun> runs, const Retention& retention, Instant now) {
    Prunable prunable;
    const auto is_needed = [&](const RetainedRun& run) {
        return run.is_open || std::ranges::any_of(runs, [&](const RetainedRun& other) {
                   return other.is_open && other.takes_back == run.id;
               });
    };
    const std::size_t old = runs.size() - std::min<std::size_t>(runs.size(), retention.newest);
    for (const RetainedRun& run : runs.first(old)) {
        if (is_needed(run) || now - run.at < retention.archives) {
            continue;
        }
        prunable.archives.push_back(run.id);
        if (!run.blocks && now - run.at >= retention.records) {
            prunable.records.push_back(run.id);
        }
    }
    return prunable;
}

}  // namespace thimble::apply
