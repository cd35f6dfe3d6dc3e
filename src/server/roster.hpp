#pragma once
/// @file What the agents' door must know at once: hosts, documents, jobs and the halt, in memory. Pure;
/// the database has all of it too. Guarded by who holds it.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace thimble::server {

/// Within which time a host is to be heard of: one that has something to do, and one that has nothing.
inline constexpr std::chrono::seconds kBusyInterval{60};
inline constexpr std::chrono::seconds kIdleInterval{15 * 60};

/// What an agent says when it checks in.
struct CheckIn {
    std::string inventory_digest;
    std::string boot_id;
    std::string agent_version;
    std::int64_t sequence = 0;  ///< rises with each check-in of one boot
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns of fields that are left out
    std::string packages_digest = {};  ///< of the package list; empty when the agent names none
    /// Its own; empty: not known. NOLINTNEXTLINE(readability-redundant-member-init): likewise
    std::string address = {};
};

/// The halt: while it holds, no job is given out that changes something, or leads to that.
struct HaltState {
    bool halted = false;
    std::int64_t generation = 0;  ///< rises with each change, so that a waiting agent can tell
    bool operator==(const HaltState&) const = default;
};

/// What a host is told.
struct CheckInAnswer {
    bool needs_document = false;
    std::int64_t report_sequence = 0;
    bool needs_packages = false;
    std::chrono::seconds interval = kIdleInterval;
    bool operator==(const CheckInAnswer&) const = default;
};

/// What check-ins changed since it was last taken.
struct PendingSightings {
    std::vector<store::Sighting> sightings;
    std::vector<std::pair<std::string, std::string>> inventories;  ///< host id, digest
};

/// Jobs of which the agents' door must hear once a transaction is committed.
struct JobChanges {
    std::vector<store::Job> made;
    std::vector<std::string> closed;  ///< ids
};

class Roster {
public:
    void add_host(const store::HostRecord& host);
    /// What the database has of a host. Of one that is known already only what a change of a server
    /// made is taken; what its check-ins said and is not written yet is newer here.
    void learn(const store::HostRecord& host);
    void add_document(const std::string& digest);
    /// A host that says that it has it is asked for it again.
    void forget_document(const std::string& digest) { documents_.erase(digest); }
    /// From now on these are all there are.
    void set_documents(const std::vector<std::string>& digests) {
        documents_ = {digests.begin(), digests.end()};
    }
    void add_job(const store::Job& job);
    void remove_job(const std::string& id);
    void take_changes(const JobChanges& changes);
    /// From now on these are all there are.
    void set_jobs(const std::vector<store::Job>& jobs);
    /// An older one, of a change that was overtaken on its way here, changes nothing.
    void set_halt(HaltState halt) {
        if (halt.generation >= halt_.generation) {
            halt_ = halt;
        }
    }
    void revoke(const std::string& host_id, Instant now);
    void set_group(const std::string& host_id, const std::string& host_group);
    void set_report_sequence(const std::string& host_id, std::int64_t sequence);

    /// @error Denied "server.unknown_host", "server.revoked"
    [[nodiscard]] Result<void> admit(const std::string& host_id) const;

    /// The group of a host; empty for one that is not known.
    [[nodiscard]] std::string group_of(const std::string& host_id) const;

    /// Notes a check-in of a host that was admitted. Costs no more than a few look-ups.
    /// @error Conflict "server.old_check_in"  another agent uses the same identity, or an older one answers late
    Result<CheckInAnswer> check_in(const std::string& host_id, const CheckIn& said, Instant now);

    /// Notes that a host that was admitted is as it was when it checked in last, which is heard of like a check-in.
    /// @param facts  protocol::facts_digest of what it said then
    /// @return false: it must check in. This server does not know those facts, or lacks a document that they name
    bool hear(const std::string& host_id, const std::string& facts, Instant now);
    /// The address of a host that was admitted is that, as far as anybody knows; empty: it is not known. Written with its next
    /// sighting.
    void locate(const std::string& host_id, const std::string& address);

    /// Who speaks for a host says that it does not answer: it is silent soon, unless it is heard of.
    void miss(const std::string& host_id, Instant now);

    /// Hosts that are about to be changed: they are to be heard of as often as those that have a job.
    void set_busy(const std::vector<std::string>& host_ids) {
        busy_ = {host_ids.begin(), host_ids.end()};
    }
    /// Within which time a host is to be heard of.
    [[nodiscard]] std::chrono::seconds interval_of(const std::string& host_id) const;
    /// Whether it was told another one.
    [[nodiscard]] bool is_told_otherwise(const std::string& host_id) const;
    /// It is told now. A host that is told a shorter one counts as heard of within it.
    std::chrono::seconds tell_interval(const std::string& host_id, Instant now);

    /// From now on a host has that inventory, if it is the one that it checked in with last.
    void document_arrived(const std::string& host_id, const std::string& digest);

    /// The jobs of a host that it does not have yet, oldest first, at most 16; while halted
    /// those alone that look whether a control holds.
    [[nodiscard]] std::vector<store::Job> jobs_of(
        const std::string& host_id, const std::set<std::string>& has, Instant now) const;

    [[nodiscard]] HaltState halt() const { return halt_; }

    /// Takes what is to be written to the database, in the order of the hosts.
    PendingSightings take_pending();
    /// Gives back what could not be written; what came meanwhile stays.
    void give_back(const PendingSightings& pending);

private:
    struct Seen {
        store::HostRecord host;
        std::string claimed_digest;  ///< of the last check-in
        std::string claimed_packages;
        std::string facts;             ///< digest of all that it said then
        std::chrono::seconds told{0};  ///< interval
        std::int64_t check_in_sequence = 0;
        bool is_pending = false;
    };
    [[nodiscard]] bool is_given(const store::Job& job) const;
    void note_inventory(Seen& seen, const std::string& digest);
    void note_sighting(Seen& seen, Instant now);
    void note_pending(Seen& seen);
    [[nodiscard]] bool lacks(const std::string& digest) const {
        return !digest.empty() && !documents_.contains(digest);
    }

    std::unordered_map<std::string, Seen> hosts_;
    std::unordered_set<std::string> documents_;
    std::unordered_map<std::string, std::map<std::string, store::Job>> jobs_;  ///< by host, by id
    std::unordered_map<std::string, std::string> host_of_job_;
    std::unordered_set<std::string> busy_;
    HaltState halt_;
    std::vector<std::string> pending_;                ///< ids of hosts
    std::map<std::string, std::string> inventories_;  ///< by host
};

}  // namespace thimble::server
