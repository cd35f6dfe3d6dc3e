#include "thimble/server/fleet_reconciler.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/fleet/host_standing.hpp"
#include "thimble/server/fleet_inventory.hpp"
#include "thimble/server/patch_tracking.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

namespace thimble::server {
namespace {

constexpr std::size_t kBatch = 64;
/// A judgement ages with the index of its host and the feeds of the catalog.
constexpr std::chrono::hours kJudgeAgainAfter{1};

/// Tells one file from the one that replaces it; empty when there is none.
std::string stamp_of(const std::filesystem::path& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
        return {};
    }
    return fmt::format(
        "{}-{}-{}.{:09}", info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

std::string json_of(const std::vector<model::Gap>& gaps) {
    std::string text;
    JsonWriter json(text);
    json.open_array();
    for (const model::Gap& gap : gaps) {
        json.open_object().member("code", gap.code).member("detail", gap.detail);
        json.member_or_null("next", gap.next).close_object();
    }
    json.close_array();
    return text;
}

store::FleetPatch row_of(const fleet::HostPatch& patch) {
    return {
        .source = patch.source,
        .from_version = patch.from_version,
        .to_version = patch.to_version,
        .state = std::string(patch.state),
        .blocker = patch.blocker,
        .blocker_detail = patch.blocker_detail,
        .kev = patch.kev,
        .exploited = patch.exploited,
        .public_exploit = patch.public_exploit,
        .outcome = std::string(patch.outcome),
        .due_at = patch.due.value_or(Instant{}),
        .due_rule = patch.due_rule,
        .restart = std::string(patch.restart),
        .vulnerabilities = patch.vulnerabilities};
}

void fill(store::FleetJudgement& target, const fleet::HostJudgement& judged) {
    target.host.overdue = judged.numbers.overdue;
    target.host.exploited = judged.numbers.exploited;
    target.host.pending = judged.numbers.pending;
    target.host.blocked = judged.numbers.blocked;
    target.host.unknown_packages = judged.numbers.unknown;
    target.host.unknown_why = fleet::why_unknown(judged);
    target.host.gaps = json_of(judged.gaps);
    std::ranges::transform(judged.patches, std::back_inserter(target.patches), row_of);
    for (const auto& [key, at] : judged.newly_seen) {
        target.newly_seen.push_back({key.first, key.second, at});
    }
}

Result<fleet::FirstSeen> first_seen_of(Context& context, const std::string& host_id) {
    THIMBLE_TRY(const auto sights, context.database.look([&](store::Connection& connection) {
        return store::first_sights_of(connection, host_id);
    }));
    fleet::FirstSeen seen;
    for (const store::FirstSight& sight : sights) {
        seen.emplace(std::pair(sight.vulnerability, sight.source), sight.first_seen_at);
    }
    return seen;
}

/// @return whether something else is said of the host than before
Result<bool> write_one(
    store::Connection& connection, const store::FleetJudgement& judgement, Instant now) {
    THIMBLE_TRY(const bool is_new, store::write_judgement(connection, judgement));
    if (judgement.can_be_tracked) {
        THIMBLE_TRY(track_judgement(connection, judgement, now));
    }
    return is_new;
}

}  // namespace

FleetReconciler::FleetReconciler(
    Context& context,
    const Clock& clock,
    std::filesystem::path catalog,
    std::function<void(const std::string&)> complain)
    : context_(context),
      clock_(clock),
      catalog_path_(std::move(catalog)),
      complain_(std::move(complain)) {}

void FleetReconciler::refresh_catalog() {
    const std::string stamp = stamp_of(catalog_path_);
    if (stamp == catalog_stamp_ || stamp == refused_stamp_) {
        return;  // a file that went leaves the one that is mapped
    }
    auto opened = catalog::Catalog::open(catalog_path_.string());
    if (!opened) {
        refused_stamp_ = stamp;
        if (opened.error().kind != ErrorKind::NotFound) {
            complain_(opened.error().text());
        }
        return;
    }
    refused_stamp_.clear();
    catalog_ = *std::move(opened);
    catalog_stamp_ = stamp;
}

Result<void> FleetReconciler::read_inventory(const std::string& digest) {
    if (digest_ == digest) {
        return {};
    }
    digest_.clear();
    inventory_ = context_.database.look(
        [&](store::Connection& connection) { return read_fleet_inventory(connection, digest); });
    if (!inventory_ && inventory_.error().kind == ErrorKind::Unavailable) {
        return inventory_.error();
    }
    // What has not come yet is looked for again.
    if (inventory_ || inventory_.error().kind != ErrorKind::NotFound) {
        digest_ = digest;
    }
    return {};
}

Result<store::FleetJudgement> FleetReconciler::judge(
    fleet::HostJudge& judge, const store::HostToJudge& host, const store::FleetDue& due) {
    store::FleetJudgement judgement;
    judgement.host.host_id = host.host_id;
    judgement.host.inventory_digest = host.inventory_digest;
    judgement.host.catalog = due.catalog;
    judgement.host.gaps = "[]";
    judgement.host.silent = host.last_seen_at < due.silent_before;
    THIMBLE_TRY(read_inventory(host.inventory_digest));
    if (inventory_) {
        THIMBLE_TRY(const fleet::FirstSeen seen, first_seen_of(context_, host.host_id));
        if (const auto judged = judge.judge(host.inventory_digest, *inventory_, seen)) {
            fill(judgement, *judged);
            judgement.can_be_tracked = true;
            judgement.hides_patches = fleet::hides_patches(*judged);
        } else {
            judgement.host.unknown_why = judged.error().text();
        }
    } else {
        judgement.host.unknown_why = inventory_.error().text();
        if (inventory_.error().kind == ErrorKind::NotFound) {
            judgement.host.inventory_digest.clear();  // so that the next pass tries again
        }
    }
    if (judgement.host.silent) {
        judgement.host.unknown_why = fleet::why_silent(host.last_seen_at);
    }
    return judgement;
}

Result<void> FleetReconciler::write(
    const std::vector<store::FleetJudgement>& judgements, Instant now) {
    return change(context_, now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
        std::int64_t changed = 0;
        for (const store::FleetJudgement& judgement : judgements) {
            THIMBLE_TRY(const bool is_new, write_one(connection, judgement, now));
            changed += is_new ? 1 : 0;
        }
        if (changed == 0) {
            return {};
        }
        const bool is_one = judgements.size() == 1;
        return trail.note(
            {"server",
             "fleet.judge",
             is_one ? judgements.front().host.host_id : "",
             "",
             fmt::format(R"({{"changed":{},"judged":{}}})", changed, judgements.size()),
             catalog_ ? "catalog of " + format_instant(catalog_->built_at()) : "no catalog"});
    });
}

Result<void> FleetReconciler::pass(const std::stop_token& stop) {
    refresh_catalog();
    const Instant now = clock_.now();
    const store::FleetDue due{
        catalog_stamp_,
        std::max(now - kJudgeAgainAfter, Instant(std::chrono::floor<Days>(now))),
        fleet::silent_before(now, kCheckInInterval)};
    fleet::HostJudge host_judge(catalog_ ? &*catalog_ : nullptr, {}, now);
    store::HostToJudge last;
    while (!stop.stop_requested()) {
        THIMBLE_TRY(const auto hosts, context_.database.look([&](store::Connection& connection) {
            return store::hosts_to_judge(connection, due, last, kBatch);
        }));
        if (hosts.empty()) {
            break;
        }
        std::vector<store::FleetJudgement> judgements;
        for (const store::HostToJudge& host : hosts) {
            THIMBLE_TRY(judgements.emplace_back(), judge(host_judge, host, due));
            judgements.back().host.judged_at = now;
        }
        THIMBLE_TRY(write(judgements, now));
        last = hosts.back();
    }
    digest_.clear();
    inventory_ = model::Inventory{};  // no longer than a pass
    return {};
}

}  // namespace thimble::server
