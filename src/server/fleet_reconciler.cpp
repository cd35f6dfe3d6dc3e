#include "thimble/server/fleet_reconciler.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/fleet/host_standing.hpp"
#include "thimble/model/gap_json.hpp"
#include "thimble/server/control_course.hpp"
#include "thimble/server/exception_course.hpp"
#include "thimble/server/fill_fleet.hpp"
#include "thimble/server/fleet_inventory.hpp"
#include "thimble/server/lead.hpp"
#include "thimble/server/patch_tracking.hpp"
#include "thimble/store/hosts.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <ranges>
#include <span>
#include <utility>

namespace thimble::server {
namespace {

constexpr std::size_t kBatch = 64;
/// The first word that something is urgent opens the emergency for all: it does not wait for a whole batch.
constexpr std::size_t kFirstBatch = 4;
constexpr std::size_t kMostComplaints = 1000;
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

/// How many vulnerabilities an entry of the audit log names.
constexpr std::ptrdiff_t kMostNamed = 20;

std::string json_of(const CatalogChange& change) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.key("hosts").number(static_cast<std::int64_t>(change.hosts.size()));
    json.key("newly_exploited").number(static_cast<std::int64_t>(change.newly_exploited.size()));
    json.key("vulnerabilities").open_array();
    for (const std::string& id : change.newly_exploited | std::views::take(kMostNamed)) {
        json.text(id);
    }
    json.close_array().close_object();
    return text;
}

store::FleetPatch row_of(const fleet::HostPatch& patch) {
    std::vector<store::UrgentVulnerability> urgent;
    urgent.reserve(patch.urgent.size());
    for (const auto& [id, first_seen] : patch.urgent) {
        urgent.push_back({id, first_seen});
    }
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
        .vulnerabilities = patch.vulnerabilities,
        .mitigated_by = patch.mitigated_by,
        .mitigated_until = patch.mitigated_until.value_or(Instant{}),
        .bare_outcome = std::string(patch.bare_outcome),
        .bare_due_at = patch.bare_due.value_or(Instant{}),
        .urgent = std::move(urgent),
        .package_type = patch.package_type};
}

store::FleetUnpatched unpatched_row(const fleet::UnpatchedSource& one) {
    return {
        .source = one.source,
        .to_version = one.to_version,
        .reason = one.reason,
        .vulnerabilities = one.vulnerabilities,
        .kev = one.kev,
        .exploited = one.exploited,
        .outcome = std::string(one.outcome),
        .due_at = one.due.value_or(Instant{}),
        .control_id = one.control,
        .control_refusal = one.refusal,
        .from_version = one.from_version,
        .package_type = one.package_type};
}

void fill(store::FleetJudgement& target, const fleet::HostJudgement& judged) {
    target.host.overdue = judged.numbers.overdue;
    target.host.exploited = judged.numbers.exploited;
    target.host.pending = judged.numbers.pending;
    target.host.blocked = judged.numbers.blocked;
    target.host.unknown_packages = judged.numbers.unknown;
    target.host.unknown_why = fleet::why_unknown(judged);
    target.host.gaps = model::gaps_json(judged.gaps);
    std::ranges::transform(judged.patches, std::back_inserter(target.patches), row_of);
    std::ranges::transform(judged.unpatched, std::back_inserter(target.unpatched), unpatched_row);
    target.needed_controls = judged.needed_controls;
    for (const auto& [key, at] : judged.newly_seen) {
        target.newly_seen.push_back({key.first, key.second, at});
    }
}

bool has_urgent(const store::FleetJudgement& judgement) {
    return std::ranges::any_of(
        judgement.patches, [](const store::FleetPatch& patch) { return !patch.urgent.empty(); });
}

/// Whether it is not of one host: the others would meet it, too.
bool ends_pass(const Error& error) {
    return error.kind == ErrorKind::Unavailable || error.code == "server.not_leading";
}

/// @return whether something else is said of the host than before
Result<bool> write_one(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const store::FleetJudgement& judgement,
    std::span<const model::PatchException> exceptions) {
    THIMBLE_TRY(const bool is_new, store::write_judgement(connection, judgement));
    if (judgement.can_be_tracked) {
        THIMBLE_TRY(track_judgement(connection, judgement, trail.now()));
    }
    if (judgement.can_be_tracked && !judgement.host.silent) {
        THIMBLE_TRY(note_needed_controls(
            context, connection, trail, judgement.host.host_id, judgement.needed_controls));
    }
    THIMBLE_TRY(cover_host(connection, judgement.host.host_id, exceptions));
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
    catalog_ = std::make_shared<const catalog::Catalog>(*std::move(opened));
    catalog_stamp_ = stamp;
    catalog_name_ =
        fmt::format("{}-{:016x}", format_instant(catalog_->built_at()), catalog_->identity());
    auto said =
        context_.fleet.with([this](IndexedFleet& fleet) { return fleet.change_catalog(catalog_); });
    if (!said) {
        complain_(said.error().text());  // every host is judged all the same, in any order
        return;
    }
    first_.assign(said->hosts.begin(), said->hosts.end());
    if (!said->is_first) {  // else nobody knows what is new
        change_ = *std::move(said);
    }
}

bool FleetReconciler::has_new_catalog() const {
    const std::string stamp = stamp_of(catalog_path_);
    return !stamp.empty() && stamp != catalog_stamp_ && stamp != refused_stamp_;
}

Result<void> FleetReconciler::note_change() {
    if (!change_) {
        return {};
    }
    THIMBLE_TRY(change(
        context_, clock_.now(), [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(check_lead(context_, connection));
            return trail.note(
                {"server",
                 "catalog.change",
                 "",
                 "",
                 json_of(*change_),
                 "catalog of " + format_instant(catalog_->built_at())});
        }));
    change_.reset();
    return {};
}

Result<model::Inventory> FleetReconciler::inventory_of(const std::string& digest) {
    return context_.database.look([&](store::Connection& connection) -> Result<model::Inventory> {
        THIMBLE_TRY(auto document, read_inventory_document(connection, digest));
        list_key_ = fleet::list_key(document.package_list, document.inventory);
        return read_packages(connection, std::move(document));
    });
}

Result<void> FleetReconciler::read_inventory(const std::string& digest) {
    if (digest_ == digest) {
        return {};
    }
    digest_.clear();
    inventory_ = inventory_of(digest);
    if (!inventory_ && inventory_.error().kind == ErrorKind::Unavailable) {
        return inventory_.error();
    }
    // What has not come yet is looked for again.
    if (inventory_ || inventory_.error().kind != ErrorKind::NotFound) {
        digest_ = digest;
    }
    return {};
}

/// The index says of a host what its inventory says, or nothing.
void FleetReconciler::index(const std::string& host_id) {
    const bool is_placed = context_.fleet.with([&](IndexedFleet& fleet) {
        if (!inventory_) {
            fleet.forget(host_id);
            return true;
        }
        return fleet.put(host_id, list_key_);
    });
    if (!is_placed) {
        const fleet::JudgedPackages judged = fleet::judged_packages(*inventory_);
        context_.fleet.with([&](IndexedFleet& fleet) { fleet.put(host_id, list_key_, judged); });
    }
}

Result<store::FleetJudgement> FleetReconciler::judge(
    fleet::HostJudge& judge, const store::HostToJudge& host, const store::FleetDue& due) {
    store::FleetJudgement judgement;
    judgement.host.host_id = host.host_id;
    judgement.host.inventory_digest = host.inventory_digest;
    judgement.host.catalog = due.catalog;
    judgement.host.gaps = "[]";
    judgement.host.silent = host.silent_at < due.now;
    THIMBLE_TRY(read_inventory(host.inventory_digest));
    index(host.host_id);
    if (inventory_) {
        judgement.host.distribution = inventory_->os.id + "-" + inventory_->os.version_id;
        THIMBLE_TRY(
            const fleet::KnownHost known,
            context_.database.look([&](store::Connection& connection) {
                return read_known_host(connection, host.host_id, clock_.now());
            }));
        if (const auto judged = judge.judge(host.inventory_digest, *inventory_, known)) {
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
    bool is_urgent = false;
    const auto work = [&](store::Connection& connection, Trail& trail) -> Result<void> {
        THIMBLE_TRY(check_lead(context_, connection));
        THIMBLE_TRY(const auto exceptions, active_exceptions(connection));
        std::int64_t changed = 0;
        for (const store::FleetJudgement& judgement : judgements) {
            THIMBLE_TRY(
                const bool is_new, write_one(context_, connection, trail, judgement, exceptions));
            changed += is_new ? 1 : 0;
            is_urgent = is_urgent || (is_new && has_urgent(judgement));
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
    };
    THIMBLE_TRY(change(context_, now, work));
    if (is_urgent) {
        context_.urgent_found();
    }
    return {};
}

FleetReconciler::Bench FleetReconciler::bench() const {
    const Instant now = clock_.now();
    return {
        {catalog_name_,
         std::max(now - kJudgeAgainAfter, Instant(std::chrono::floor<Days>(now))),
         now},
        fleet::HostJudge(catalog_.get(), {}, now),
        now};
}

Result<void> FleetReconciler::judge_batch(
    Bench& bench, const std::vector<store::HostToJudge>& hosts) {
    std::vector<store::FleetJudgement> judgements;
    for (const store::HostToJudge& host : hosts) {
        auto judged = judge(bench.judge, host, bench.due);
        if (!judged && ends_pass(judged.error())) {
            return std::move(judged).error();
        }
        if (!judged) {
            complain_about(host.host_id, judged.error());
            continue;
        }
        judged->host.judged_at = bench.now;
        judgements.push_back(*std::move(judged));
    }
    auto written = write(judgements, bench.now);
    if (written || ends_pass(written.error())) {
        return written;
    }
    // One of them cannot be written: not for that are the others left out.
    for (store::FleetJudgement& judgement : judgements) {
        const std::string id = judgement.host.host_id;
        auto alone = write({std::move(judgement)}, bench.now);
        if (!alone && ends_pass(alone.error())) {
            return alone;
        }
        if (!alone) {
            complain_about(id, alone.error());
        }
    }
    return {};
}

/// Once for each host and reason: it is tried again with every pass.
void FleetReconciler::complain_about(const std::string& host_id, const Error& error) {
    const std::string line = "host " + host_id + " cannot be judged: " + error.text();
    if (complaints_.size() >= kMostComplaints) {
        complaints_.clear();
    }
    if (complaints_.insert(line).second) {
        complain_(line);
    }
}

/// Those of which the catalog says something else. Who is not due any more was judged by it already.
Result<void> FleetReconciler::judge_changed(const std::stop_token& stop) {
    Bench bench = this->bench();
    for (std::size_t batch = kFirstBatch; !first_.empty() && !stop.stop_requested();
         batch = std::min(kBatch, 2 * batch)) {
        const auto end =
            first_.begin() + static_cast<std::ptrdiff_t>(std::min(batch, first_.size()));
        const std::vector<std::string> ids(first_.begin(), end);
        THIMBLE_TRY(const auto hosts, context_.database.look([&](store::Connection& connection) {
            return store::hosts_due_among(connection, bench.due, ids);
        }));
        if (!hosts.empty()) {
            THIMBLE_TRY(judge_batch(bench, hosts));
        }
        first_.erase(first_.begin(), end);
    }
    return {};
}

Result<void> FleetReconciler::judge_due(const std::stop_token& stop) {
    Bench bench = this->bench();
    store::HostToJudge last;
    while (!stop.stop_requested()) {
        THIMBLE_TRY(const auto hosts, context_.database.look([&](store::Connection& connection) {
            return store::hosts_to_judge(connection, bench.due, last, kBatch);
        }));
        if (hosts.empty()) {
            break;
        }
        THIMBLE_TRY(judge_batch(bench, hosts));
        last = hosts.back();
    }
    return {};
}

Result<void> FleetReconciler::pass(const std::stop_token& stop) {
    THIMBLE_TRY(refresh_index(stop));
    refresh_catalog();
    THIMBLE_TRY(note_change());
    THIMBLE_TRY(judge_changed(stop));
    THIMBLE_TRY(judge_due(stop));
    forget_inventory();
    return {};
}

Result<void> FleetReconciler::follow(const std::stop_token& stop) {
    THIMBLE_TRY(refresh_index(stop));
    refresh_catalog();
    change_.reset();  // who leads tells of it; the order is kept for who takes over
    forget_inventory();
    return {};
}

Result<void> FleetReconciler::refresh_index(const std::stop_token& stop) {
    if (is_index_old_) {
        THIMBLE_TRY(fill_fleet(context_, stop));
        is_index_old_ = false;
    }
    return index_heard(stop);
}

/// What other servers took in while this one did not judge.
Result<void> FleetReconciler::index_heard(const std::stop_token& stop) {
    const auto hosts =
        context_.heard.with([](Heard& heard) { return std::exchange(heard.to_index, {}); });
    for (const std::string& id : hosts) {
        const auto is_done = stop.stop_requested() ? Result<bool>(false) : index_anew(id);
        if (!is_done || !*is_done) {
            context_.heard.with([&](Heard& heard) { heard.to_index.insert(id); });
        }
        if (!is_done) {
            return is_done.error();
        }
    }
    return {};
}

/// @return false: its documents are not all here yet
Result<bool> FleetReconciler::index_anew(const std::string& host_id) {
    THIMBLE_TRY(const auto host, context_.database.look([&](store::Connection& connection) {
        return store::host_of_id(connection, host_id);
    }));
    if (!host || host->revoked_at != Instant{}) {
        return true;
    }
    THIMBLE_TRY(read_inventory(host->inventory_digest));
    index(host_id);
    return inventory_ || inventory_.error().kind != ErrorKind::NotFound;
}

/// It is kept no longer than a pass.
void FleetReconciler::forget_inventory() {
    digest_.clear();
    inventory_ = model::Inventory{};
}

}  // namespace thimble::server
