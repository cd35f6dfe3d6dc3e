#include "thimble/apply/retention.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace thimble::apply {

Prunable prunable_runs(std::span<const RetainedRun> runs, const Retention& retention, Instant now) {
    Prunable prunable;
    const auto is_needed = [&](const RetainedRun& run) {
        return run.is_open || std::ranges::any_of(runs, [&](const RetainedRun& other) {
                   return other.is_open && other.takes_back == run.id;
               });
    };
    std::set<std::pair<std::string, std::string>> on_record;
    const auto follows_one_on_record = [&](const RetainedRun& run) {
        return std::ranges::any_of(
            run.patches, [&](const auto& patch) { return on_record.contains(patch); });
    };
    const std::size_t old = runs.size() - std::min<std::size_t>(runs.size(), retention.newest);
    for (const RetainedRun& run : runs.first(old)) {
        const bool is_pruned = !is_needed(run) && now - run.at >= retention.archives;
        if (is_pruned) {
            prunable.archives.push_back(run.id);
        }
        if (is_pruned && !run.blocks && now - run.at >= retention.records
            && !follows_one_on_record(run)) {
            prunable.records.push_back(run.id);
        } else {
            on_record.insert(run.patches.begin(), run.patches.end());
        }
    }
    return prunable;
}

std::vector<std::string> retired_snapshots(
    std::span<const RetainedRun> runs, const Retention& retention, Instant now) {
    std::vector<std::string> retired;
    for (std::size_t at = 0; at < runs.size(); ++at) {
        const bool is_beyond = runs.size() - at > retention.newest_snapshots;
        if (!runs[at].is_open && (is_beyond || now - runs[at].at >= retention.snapshots)) {
            retired.push_back(runs[at].id);
        }
    }
    return retired;
}

}  // namespace thimble::apply
