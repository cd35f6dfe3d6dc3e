#include "thimble/server/roster.hpp"

#include "thimble/fleet/host_standing.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/protocol/messages.hpp"

#include <algorithm>

namespace thimble::server {

namespace {
constexpr std::size_t kMaxJobs = 16;
}  // namespace

void Roster::add_host(const store::HostRecord& host) {
    Seen& seen = hosts_[host.id];
    seen.host = host;
    seen.claimed_digest = host.inventory_digest;
}

void Roster::learn(const store::HostRecord& host) {
    const auto found = hosts_.find(host.id);
    if (found == hosts_.end()) {
        add_host(host);
        return;
    }
    store::HostRecord& known = found->second.host;
    known.host_group = host.host_group;
    known.revoked_at = host.revoked_at;
    known.report_sequence = std::max(known.report_sequence, host.report_sequence);
    // Another server may have heard of another inventory.
    if (!inventories_.contains(host.id)) {
        known.inventory_digest = host.inventory_digest;
    }
}

void Roster::add_document(const std::string& digest) {
    documents_.insert(digest);
}

void Roster::add_job(const store::Job& job) {
    jobs_[job.host_id][job.id] = job;
    host_of_job_[job.id] = job.host_id;
}

void Roster::remove_job(const std::string& id) {
    if (const auto found = host_of_job_.find(id); found != host_of_job_.end()) {
        jobs_[found->second].erase(id);
        host_of_job_.erase(found);
    }
}

void Roster::set_jobs(const std::vector<store::Job>& jobs) {
    jobs_.clear();
    host_of_job_.clear();
    for (const store::Job& job : jobs) {
        add_job(job);
    }
}

void Roster::take_changes(const JobChanges& changes) {
    for (const std::string& id : changes.closed) {
        remove_job(id);
    }
    for (const store::Job& job : changes.made) {
        add_job(job);
    }
}

void Roster::revoke(const std::string& host_id, Instant now) {
    if (const auto found = hosts_.find(host_id); found != hosts_.end()) {
        found->second.host.revoked_at = now;
    }
}

void Roster::set_group(const std::string& host_id, const std::string& host_group) {
    if (const auto found = hosts_.find(host_id); found != hosts_.end()) {
        found->second.host.host_group = host_group;
    }
}

void Roster::set_report_sequence(const std::string& host_id, std::int64_t sequence) {
    if (const auto found = hosts_.find(host_id); found != hosts_.end()) {
        found->second.host.report_sequence = sequence;
    }
}

Result<void> Roster::admit(const std::string& host_id) const {
    const auto found = hosts_.find(host_id);
    if (found == hosts_.end()) {
        return failure(ErrorKind::Denied, "server.unknown_host", "this host is not enrolled here");
    }
    if (found->second.host.revoked_at != Instant{}) {
        return failure(
            ErrorKind::Denied, "server.revoked", "the certificate of this host was revoked");
    }
    return {};
}

std::string Roster::group_of(const std::string& host_id) const {
    const auto found = hosts_.find(host_id);
    return found == hosts_.end() ? std::string() : found->second.host.host_group;
}

Result<CheckInAnswer> Roster::check_in(
    const std::string& host_id, const CheckIn& said, Instant now) {
    const auto found = hosts_.find(host_id);
    THIMBLE_CHECK(found != hosts_.end());
    Seen& seen = found->second;
    if (said.boot_id == seen.host.boot_id && said.sequence <= seen.check_in_sequence) {
        return failure(
            ErrorKind::Conflict,
            "server.old_check_in",
            "a later check-in of this host came before: is its identity used twice?");
    }
    seen.check_in_sequence = said.sequence;
    seen.host.boot_id = said.boot_id;
    seen.host.agent_version = said.agent_version;
    seen.host.address = said.address;
    seen.claimed_digest = said.inventory_digest;
    seen.claimed_packages = said.packages_digest;
    seen.facts = protocol::facts_digest(
        {.inventory = said.inventory_digest,
         .packages = said.packages_digest,
         .boot_id = said.boot_id,
         .agent_version = said.agent_version});
    seen.told = interval_of(host_id);
    note_sighting(seen, now);
    const bool needs_document = lacks(said.inventory_digest);
    // A host that cannot read its inventory keeps its last one, which ages.
    if (!said.inventory_digest.empty() && !needs_document
        && seen.host.inventory_digest != said.inventory_digest) {
        note_inventory(seen, said.inventory_digest);
    }
    return CheckInAnswer{
        needs_document, seen.host.report_sequence, lacks(said.packages_digest), seen.told};
}

void Roster::note_sighting(Seen& seen, Instant now) {
    seen.host.last_seen_at = now;
    seen.host.silent_at = fleet::silent_from(now, seen.told);
    note_pending(seen);
}

void Roster::note_pending(Seen& seen) {
    if (!seen.is_pending) {
        seen.is_pending = true;
        pending_.push_back(seen.host.id);
    }
}

bool Roster::hear(const std::string& host_id, const std::string& facts, Instant now) {
    const auto found = hosts_.find(host_id);
    THIMBLE_CHECK(found != hosts_.end());
    Seen& seen = found->second;
    if (facts != seen.facts || lacks(seen.claimed_digest) || lacks(seen.claimed_packages)) {
        return false;
    }
    note_sighting(seen, now);
    return true;
}

void Roster::locate(const std::string& host_id, const std::string& address) {
    if (const auto found = hosts_.find(host_id); found != hosts_.end()) {
        found->second.host.address = address;
    }
}

void Roster::miss(const std::string& host_id, Instant now) {
    const auto found = hosts_.find(host_id);
    const Instant soon = fleet::silent_from(now, kBusyInterval);
    if (found != hosts_.end() && soon < found->second.host.silent_at) {
        found->second.host.silent_at = soon;
        note_pending(found->second);
    }
}

std::chrono::seconds Roster::interval_of(const std::string& host_id) const {
    const auto jobs = jobs_.find(host_id);
    const bool has_jobs = jobs != jobs_.end() && !jobs->second.empty();
    return has_jobs || busy_.contains(host_id) ? kBusyInterval : kIdleInterval;
}

bool Roster::is_told_otherwise(const std::string& host_id) const {
    const auto found = hosts_.find(host_id);
    return found != hosts_.end() && found->second.told != interval_of(host_id);
}

std::chrono::seconds Roster::tell_interval(const std::string& host_id, Instant now) {
    const std::chrono::seconds interval = interval_of(host_id);
    const auto found = hosts_.find(host_id);
    if (found != hosts_.end() && found->second.told != interval) {
        found->second.told = interval;
        found->second.host.silent_at = fleet::silent_from(now, interval);
        note_pending(found->second);
    }
    return interval;
}

void Roster::note_inventory(Seen& seen, const std::string& digest) {
    seen.host.inventory_digest = digest;
    inventories_[seen.host.id] = digest;
}

void Roster::document_arrived(const std::string& host_id, const std::string& digest) {
    documents_.insert(digest);
    const auto found = hosts_.find(host_id);
    if (found != hosts_.end() && found->second.claimed_digest == digest
        && found->second.host.inventory_digest != digest) {
        note_inventory(found->second, digest);
    }
}

bool Roster::is_given(const store::Job& job) const {
    const auto kind = protocol::job_kind_named(job.kind);
    return !halt_.halted || (kind && protocol::looks_at_control(*kind));
}

std::vector<store::Job> Roster::jobs_of(
    const std::string& host_id, const std::set<std::string>& has, Instant now) const {
    std::vector<store::Job> jobs;
    const auto found = jobs_.find(host_id);
    if (found == jobs_.end()) {
        return jobs;
    }
    for (const auto& [id, job] : found->second) {
        if (!has.contains(id) && job.expires_at > now && is_given(job)) {
            jobs.push_back(job);
        }
    }
    std::ranges::sort(jobs, [](const store::Job& a, const store::Job& b) {
        return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
    });
    jobs.resize(std::min(jobs.size(), kMaxJobs));
    return jobs;
}

PendingSightings Roster::take_pending() {
    PendingSightings pending;
    std::ranges::sort(pending_);
    pending.sightings.reserve(pending_.size());
    for (const std::string& id : pending_) {
        Seen& seen = hosts_.at(id);
        seen.is_pending = false;
        pending.sightings.push_back(
            {id,
             seen.host.last_seen_at,
             seen.host.agent_version,
             seen.host.boot_id,
             seen.host.silent_at,
             seen.host.address});
    }
    pending_.clear();
    pending.inventories.assign(inventories_.begin(), inventories_.end());
    inventories_.clear();
    return pending;
}

void Roster::give_back(const PendingSightings& pending) {
    for (const store::Sighting& sighting : pending.sightings) {
        note_pending(hosts_.at(sighting.host_id));
    }
    for (const auto& [host_id, digest] : pending.inventories) {
        inventories_.try_emplace(host_id, digest);
    }
}

}  // namespace thimble::server
