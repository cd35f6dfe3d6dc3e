#include "thimble/server/patch_tracking.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/rollout/patch_state.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/patch_states.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

namespace thimble::server {
namespace {

using rollout::PatchEvent;
using rollout::PatchState;

/// Of what a host names no longer: one that names others with each inventory keeps no more than that.
constexpr std::size_t kMostUnnamed = 2000;

/// By source and version.
using Rows = std::map<std::pair<std::string, std::string>, store::PatchStateRow>;

Result<Rows> rows_of(store::Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(auto states, store::patch_states_of(connection, host_id));
    Rows rows;
    for (store::PatchStateRow& row : states) {
        rows.emplace(std::pair(row.source, row.to_version), std::move(row));
    }
    return rows;
}

PatchEvent event_of(const store::FleetPatch& patch) {
    if (patch.state == "installed_not_live") {
        return patch.restart == "reboot" ? PatchEvent::WaitsForReboot : PatchEvent::WaitsForRestart;
    }
    if (patch.to_version.empty()) {
        return PatchEvent::HasNoFix;
    }
    return patch.state == "blocked" ? PatchEvent::IsBlocked : PatchEvent::IsMissing;
}

std::string evidence_of(const store::FleetJudgement& judgement, const store::FleetPatch* patch) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("inventory", judgement.host.inventory_digest);
    if (patch != nullptr) {
        json.member("installed", patch->from_version);
        json.member_or_null("blocker", patch->blocker);
        json.member_or_null("blocker_detail", patch->blocker_detail);
    }
    json.close_object();
    return text;
}

std::string evidence_of(const TrackedStep& step) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member_or_null("deployment", step.deployment_id);
    json.member("phase", rollout::course_phase_name(step.course.phase));
    json.member_or_null("plan", step.course.plan_digest).member_or_null("run", step.course.run);
    json.member_or_null("why", step.course.why).close_object();
    return text;
}

/// @return whether it is to be written
bool move(store::PatchStateRow& row, PatchEvent event, std::string evidence, Instant now) {
    const auto before = rollout::patch_state_named(row.state);
    const PatchState after = rollout::next_state(
        before.value_or(PatchState::NotApplicable), event, row.verified_on_disk);
    const std::string_view name = rollout::patch_state_name(after);
    if (before && row.state == name) {
        return false;
    }
    row.state = name;
    row.since = now;
    row.evidence = std::move(evidence);
    return true;
}

/// What an inventory shows of a patch.
struct Observation {
    PatchEvent event;
    std::string evidence;
    Instant now;
};

/// Another inventory than the one before a deployment has come: from now on each counts, that one too.
/// What misses a patch has no longer the files that a verification saw.
Result<void> observe(store::Connection& connection, store::PatchStateRow& row, Observation seen) {
    const bool is_missing = seen.event == PatchEvent::IsMissing
        || seen.event == PatchEvent::IsBlocked || seen.event == PatchEvent::HasNoFix;
    const bool is_judged_anew =
        !row.inventory_digest.empty() || (is_missing && row.verified_on_disk);
    row.inventory_digest.clear();
    row.verified_on_disk = row.verified_on_disk && !is_missing;
    if (move(row, seen.event, std::move(seen.evidence), seen.now) || is_judged_anew) {
        THIMBLE_TRY(store::put_patch_state(connection, row));
    }
    return {};
}

/// No deployment has ever moved it, or what it did is over and undone.
bool is_only_said(const store::PatchStateRow& row) {
    const auto state = rollout::patch_state_named(row.state);
    return state == PatchState::NotApplicable || state == PatchState::Missing
        || state == PatchState::Blocked || state == PatchState::Unpatchable;
}

/// Of the rows that the latest inventory does not name, those that have stood longest, beyond the limit. What
/// a deployment did stays.
Result<void> forget_oldest(store::Connection& connection, const Rows& unnamed) {
    std::vector<const store::PatchStateRow*> rows;
    for (const auto& [key, row] : unnamed) {
        if (is_only_said(row)) {
            rows.push_back(&row);
        }
    }
    if (rows.size() <= kMostUnnamed) {
        return {};
    }
    std::ranges::sort(rows, {}, [](const store::PatchStateRow* row) {
        return std::tie(row->since, row->source, row->to_version);
    });
    rows.resize(rows.size() - kMostUnnamed);
    for (const store::PatchStateRow* row : rows) {
        THIMBLE_TRY(store::forget_patch_state(connection, *row));
    }
    return {};
}

/// A verification on the host has seen the files of the new version.
bool proves_files(PatchEvent event) {
    return event == PatchEvent::IsLive || event == PatchEvent::NeedsRestart
        || event == PatchEvent::NeedsReboot;
}

}  // namespace

Result<void> track_judgement(
    store::Connection& connection, const store::FleetJudgement& judgement, Instant now) {
    const std::string& host_id = judgement.host.host_id;
    THIMBLE_TRY(Rows rows, rows_of(connection, host_id));
    const std::string& digest = judgement.host.inventory_digest;
    const auto is_older = [&](const store::PatchStateRow& row) {
        return !digest.empty() && row.inventory_digest == digest;
    };
    for (const store::FleetPatch& patch : judgement.patches) {
        const std::pair key{patch.source, patch.to_version};
        store::PatchStateRow row{host_id, patch.source, patch.to_version, "", now, "", false, ""};
        if (const auto known = rows.find(key); known != rows.end()) {
            row = std::move(known->second);
            rows.erase(known);
        }
        if (!is_older(row)) {
            THIMBLE_TRY(
                observe(connection, row, {event_of(patch), evidence_of(judgement, &patch), now}));
        }
    }
    for (auto& [key, row] : rows) {
        if (!is_older(row) && !judgement.hides_patches) {
            THIMBLE_TRY(observe(
                connection, row, {PatchEvent::IsGone, evidence_of(judgement, nullptr), now}));
        }
    }
    return forget_oldest(connection, rows);
}

Result<void> track_step(store::Connection& connection, const TrackedStep& step, Instant now) {
    const auto event = rollout::event_of(step.course.phase);
    if (!event || step.course.plan_digest.empty()) {
        return {};
    }
    THIMBLE_TRY(const auto plan, store::plan_of(connection, step.course.plan_digest));
    if (!plan || plan->host_id != step.host_id) {
        return {};
    }
    THIMBLE_TRY(Rows rows, rows_of(connection, step.host_id));
    THIMBLE_TRY(const std::string digest, store::inventory_digest_of(connection, step.host_id));
    for (const auto& [source, version] : store::planned_patches(*plan)) {
        store::PatchStateRow row{step.host_id, source, version, "", now, "", false, ""};
        if (const auto known = rows.find({source, version}); known != rows.end()) {
            row = known->second;
        }
        const bool was_verified = row.verified_on_disk;
        row.verified_on_disk = proves_files(*event);
        const bool has_moved = move(row, *event, evidence_of(step), now);
        // What the host had before it was changed; a later inventory counts, whenever it comes.
        const bool is_first_step = *event == PatchEvent::WasPlanned
            || *event == PatchEvent::IsInstalled || step.deployment_id.empty();
        if (has_moved && is_first_step) {
            row.inventory_digest = digest;
        }
        if (has_moved || was_verified != row.verified_on_disk) {
            THIMBLE_TRY(store::put_patch_state(connection, row));
        }
    }
    return {};
}

}  // namespace thimble::server
