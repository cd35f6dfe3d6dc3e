#include "thimble/server/taken_back.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/server/random.hpp"
#include "thimble/store/exceptions.hpp"
#include "thimble/store/hosts.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace thimble::server {
namespace {

/// The first of some patches that is kept from a host.
Result<std::optional<store::KeptBackPatch>> first_kept_back(
    store::Connection& connection,
    const std::string& host_id,
    const store::PlannedPatches& patches) {
    THIMBLE_TRY(const auto kept, store::patches_kept_back(connection, host_id));
    const auto found = std::ranges::find_if(kept, [&](const store::KeptBackPatch& one) {
        return std::ranges::find(patches, std::pair(one.source, one.to_version)) != patches.end();
    });
    return found == kept.end() ? std::optional<store::KeptBackPatch>() : std::optional(*found);
}

/// What the host misses again without them, as it was judged last.
Result<std::vector<std::string>> vulnerabilities_of(
    store::Connection& connection,
    const std::string& host_id,
    const store::PlannedPatches& patches) {
    THIMBLE_TRY(const auto missed, store::missed_patches(connection, {host_id, "", {}}));
    std::set<std::string> vulnerabilities;
    for (const store::MissedPatch& one : missed) {
        const std::pair patch{one.source, one.to_version};
        if (std::ranges::find(patches, patch) != patches.end()) {
            vulnerabilities.insert(one.vulnerabilities.begin(), one.vulnerabilities.end());
        }
    }
    return std::vector<std::string>(vulnerabilities.begin(), vulnerabilities.end());
}

std::string json_of(const store::TakenBackSet& set) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("host", set.host_id).member("group", set.host_group);
    json.member_or_null("deployment", set.deployment_id).member_or_null("run", set.run);
    json.key("patches").open_array();
    for (const auto& [source, version] : set.patches) {
        json.open_object().member("source", source).member("to", version).close_object();
    }
    json.close_array();
    json.member("vulnerabilities", std::span<const std::string>(set.vulnerabilities));
    json.close_object();
    return text;
}

Result<store::PlannedPatches> patches_of_plan(
    store::Connection& connection, const std::string& digest, const std::string& host_id) {
    THIMBLE_TRY(const auto plan, store::plan_of(connection, digest));
    return plan && plan->host_id == host_id ? store::planned_patches(*plan)
                                            : store::PlannedPatches();
}

}  // namespace

bool takes_back(const rollout::JobEnd& end) {
    // A host that is left between two versions is worse than anything that a patch may do elsewhere.
    return end.result == "rollback_failed"
        || (end.result == "rolled_back" && !end.is_of_surroundings);
}

Result<void> keep_back(store::Connection& connection, Trail& trail, const TrackedStep& step) {
    store::TakenBackSet set;
    THIMBLE_TRY(set.patches, patches_of_plan(connection, step.course.plan_digest, step.host_id));
    if (set.patches.empty()) {
        return {};
    }
    set.id = random_id();
    set.host_id = step.host_id;
    THIMBLE_TRY(set.host_group, store::host_group_of(connection, step.host_id));
    set.deployment_id = step.deployment_id;
    set.run = step.course.run;
    set.why = step.course.why;
    set.taken_back_at = trail.now();
    THIMBLE_TRY(set.vulnerabilities, vulnerabilities_of(connection, step.host_id, set.patches));
    THIMBLE_TRY(const auto kept, store::patches_kept_back(connection, step.host_id));
    const bool is_new = std::ranges::any_of(set.patches, [&](const auto& patch) {
        return std::ranges::none_of(kept, [&](const store::KeptBackPatch& one) {
            return std::pair(one.source, one.to_version) == patch;
        });
    });
    if (!is_new) {
        // Whoever looks after the set that is open learns that it was not one host alone.
        return trail.note(
            {"server", "taken-back.again", kept.front().set_id, "", json_of(set), set.why});
    }
    THIMBLE_TRY(store::add_taken_back(connection, set));
    return trail.note({"server", "taken-back.keep", set.id, "", json_of(set), set.why});
}

Result<std::string> why_kept_back(
    store::Connection& connection,
    const std::string& host_id,
    const store::PlannedPatches& patches) {
    THIMBLE_TRY(const auto kept, first_kept_back(connection, host_id, patches));
    return kept
        ? kept->source + " " + kept->to_version + " was taken back on " + kept->taken_back_on
            + " of the same group: look why, then thimble taken-back review " + kept->set_id
        : std::string();
}

Result<void> review_taken_back(
    store::Connection& connection,
    Trail& trail,
    const store::TakenBackReview& review,
    const std::string& actor) {
    THIMBLE_TRY(const bool was_open, store::review_taken_back(connection, review, trail.now()));
    if (!was_open) {
        return failure(
            ErrorKind::Conflict, "server.reviewed", "somebody has looked after it already");
    }
    return trail.note({actor, "taken-back.review", review.id, "", "", review.notes});
}

}  // namespace thimble::server
