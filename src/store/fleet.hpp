#pragma once
/// @file What was judged of each host: its patches, its numbers, and when findings were first seen.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace thimble::store {

/// A vulnerability that makes a patch urgent, and when it was first seen on the host.
struct UrgentVulnerability {
    std::string id;
    Instant first_seen_at;
    bool operator==(const UrgentVulnerability&) const = default;
};

/// One patch of one host.
struct FleetPatch {
    std::string source;
    std::string from_version;
    std::string to_version;
    std::string state;
    std::string blocker;  ///< empty: nothing holds it back
    std::string blocker_detail;
    bool kev = false;
    bool exploited = false;
    bool public_exploit = false;
    std::string outcome;
    Instant due_at;  ///< 0: with the next system upgrade
    std::string due_rule;
    std::string restart;
    std::vector<std::string> vulnerabilities;  ///< ids, none with a comma
    std::string mitigated_by;  ///< id of the control that ends first of those that shield all of it
    Instant mitigated_until;   ///< 0: not all of it is shielded
    std::string bare_outcome;  ///< without any control
    Instant bare_due_at;       ///< likewise; 0: with the next system upgrade
    /// Those that are exploited, or have a public exploit and must not wait; each once.
    std::vector<UrgentVulnerability> urgent;
    /// As package URLs have it: "deb".
    std::string package_type = {};  // NOLINT(readability-redundant-member-init): g++ warns else
    bool operator==(const FleetPatch&) const = default;
};

/// What cannot be patched on a host, or is shielded there.
struct FleetUnpatched {
    std::string source;
    std::string to_version;  ///< empty: no version that fixes it is known
    std::string reason;      ///< why it cannot be patched; empty: it can, and is shielded meanwhile
    std::vector<std::string> vulnerabilities;  ///< ids, none with a comma, most urgent first
    bool kev = false;
    bool exploited = false;
    std::string outcome;
    Instant due_at;
    std::string control_id;       ///< a control that covers it; empty: none does
    std::string control_refusal;  ///< why that one does not count; empty: it does
    std::string from_version;     ///< that is installed
    std::string package_type;     ///< as package URLs have it
    bool operator==(const FleetUnpatched&) const = default;
};

struct FirstSight {
    std::string vulnerability;
    std::string source;
    Instant first_seen_at;
    bool operator==(const FirstSight&) const = default;
};

/// The row of a host without its patches.
struct FleetHost {
    std::string host_id;
    std::string inventory_digest;  ///< of what was judged; another one than the host's: judge again
    std::string catalog;           ///< which one judged
    Instant judged_at;
    std::int64_t overdue = 0;
    std::int64_t exploited = 0;
    std::int64_t pending = 0;
    std::int64_t blocked = 0;
    std::int64_t unknown_packages = 0;
    bool silent = false;
    std::string unknown_why;  ///< empty: what is said of the host can be relied on
    std::string gaps;         ///< JSON
    /// "debian-12"; empty: not known.
    std::string distribution = {};  // NOLINT(readability-redundant-member-init): g++ warns else
    bool operator==(const FleetHost&) const = default;
};

struct FleetJudgement {
    FleetHost host;
    std::vector<FleetPatch> patches;        ///< most urgent first
    std::vector<FleetUnpatched> unpatched;  ///< each source and version once
    std::vector<FirstSight> newly_seen;
    std::vector<std::string> needed_controls;  ///< that cover something open, sorted; not kept
    bool can_be_tracked = false;               ///< the inventory was read
    bool hides_patches = true;  ///< what is not in `patches` may be missing all the same
};

/// When a host must be judged again.
struct FleetDue {
    std::string catalog;  ///< judged by another one
    Instant judged_before;
    Instant now;  ///< silent by then, or not any more
};

/// Whether one of these hosts that has told its inventory is not judged by the catalog that has judged another one yet.
/// @param hosts  at most 10,000; of more it is true
Result<bool> are_behind(
    Connection& connection, std::span<const std::string> hosts, const std::string& other);

/// A host that must be judged.
struct HostToJudge {
    std::string host_id;
    std::string inventory_digest;
    Instant last_seen_at;
    Instant silent_at;
    bool operator==(const HostToJudge&) const = default;
};

/// The hosts with an inventory that are due, those that share one next to each other, at most `limit`
/// of them behind `after`; revoked ones never.
Result<std::vector<HostToJudge>> hosts_to_judge(
    Connection& connection, const FleetDue& due, const HostToJudge& after, std::size_t limit);

/// Those of some hosts that are due, in the order of `ids`.
/// @param ids  at most some hundred
Result<std::vector<HostToJudge>> hosts_due_among(
    Connection& connection, const FleetDue& due, std::span<const std::string> ids);

/// Everything that was seen on a host, by vulnerability and source.
Result<std::vector<FirstSight>> first_sights_of(Connection& connection, const std::string& host_id);

/// What a host misses, and until when it is due; what has no date is left out.
struct DuePatch {
    std::string source;
    Instant due_at;
    bool operator==(const DuePatch&) const = default;
};
/// By source.
Result<std::vector<DuePatch>> due_patches_of(Connection& connection, const std::string& host_id);

/// Puts a judgement in the place of the last one; first sights are added and never changed.
/// @return whether another number or reason is said of the host than before
Result<bool> write_judgement(Connection& connection, const FleetJudgement& judgement);

/// Hosts that are not revoked and of which something is not known: never judged, or with a reason, or
/// with another inventory since. Ascending ids.
/// @param host_group  empty: of every group
Result<std::vector<std::string>> unknown_hosts(
    Connection& connection, const std::string& host_group);
/// Ascending ids of the hosts that are not revoked.
Result<std::vector<std::string>> hosts_of_group(
    Connection& connection, const std::string& host_group);

/// Digest of the inventory of a host; empty: it has none, is not there, or is revoked.
Result<std::string> inventory_of_host(Connection& connection, const std::string& host_id);

struct HostName {
    std::string id;
    std::string name;
    std::string host_group;
    bool operator==(const HostName&) const = default;
};
/// By id; those that are not there are left out.
/// @param ids  at most a thousand
Result<std::vector<HostName>> host_names(Connection& connection, std::span<const std::string> ids);

}  // namespace thimble::store
