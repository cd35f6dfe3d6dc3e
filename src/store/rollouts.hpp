#pragma once
/// @file Policies, and the rollouts that go by them; their hosts are those of the deployment.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thimble::store {

struct PolicyRecord {
    std::string name;
    std::string document;  ///< its text, as it was given
    std::string digest;
    std::string changed_by;
    Instant changed_at;
    bool operator==(const PolicyRecord&) const = default;
};

/// Puts it in the place of one of that name.
Result<void> set_policy(Connection& connection, const PolicyRecord& policy);
Result<std::optional<PolicyRecord>> policy_of(Connection& connection, const std::string& name);
/// By name.
Result<std::vector<PolicyRecord>> all_policies(Connection& connection);
/// @return whether there was one
Result<bool> remove_policy(Connection& connection, const std::string& name);

/// A host as policies see it.
struct RolloutCandidate {
    std::string id;
    std::string name;
    std::string host_group;
    std::string operating_system;
    std::string tags;               ///< "env=prod,web"
    std::string architecture = {};  // NOLINT(readability-redundant-member-init): g++ warns else
    bool operator==(const RolloutCandidate&) const = default;
};
/// Hosts that are neither revoked nor named by a later enrolment of the same machine, by id.
Result<std::vector<RolloutCandidate>> rollout_candidates(Connection& connection);

/// Phases are words of the rollout.
struct RolloutRecord {
    std::string deployment_id;
    std::string policy;    ///< its name
    std::string document;  ///< its text when the rollout began
    bool is_emergency = false;
    std::string phase;
    Instant since;
    std::string why;
    std::string frozen;         ///< the frozen set, JSON
    std::string frozen_digest;  ///< empty: more may be added
    std::int64_t hosts = 0;
    std::string opened_for;  ///< of one by rule: "curl 7.88-2"
    bool asks_first =
        false;  ///< approval is due before the first ring, which has hosts of later ones
    bool operator==(const RolloutRecord&) const = default;
};

struct RolloutRingRecord {
    std::string deployment_id;
    std::int64_t ring = 0;
    std::string name;
    std::string phase;
    Instant since;
    std::int64_t forgiven = 0;
    bool operator==(const RolloutRingRecord&) const = default;
};

struct RolloutApproval {
    std::string person;
    std::string frozen;  ///< digest of the set that was meant
    Instant approved_at;
    bool operator==(const RolloutApproval&) const = default;
};

/// The owner of a host has put it off.
struct RolloutDeferral {
    std::string host_id;
    std::int64_t number = 0;  ///< of that host, from 1
    Instant until;
    std::string person;
    std::string why;
    Instant deferred_at;
    bool operator==(const RolloutDeferral&) const = default;
};

Result<void> add_rollout(Connection& connection, const RolloutRecord& rollout);
/// Everything but its policy, its hosts and what it was opened for, which do not change.
Result<void> set_rollout(Connection& connection, const RolloutRecord& rollout);
Result<std::optional<RolloutRecord>> rollout_of(
    Connection& connection, const std::string& deployment_id);
/// Ids of those that are in one of the phases, oldest first.
Result<std::vector<std::string>> rollouts_in(
    Connection& connection, const std::vector<std::string>& phases);

/// What emergencies are opened for by rule: nothing is known that keeps it from being installed, and exploited, or with a public exploit and not
/// to be deferred.
struct UrgentPatch {
    std::string host_id;
    std::string source;
    std::string to_version;
    bool operator==(const UrgentPatch&) const = default;
};

/// Of a policy those emergencies bind that are not over, and those that ended since then.
struct EmergencyMemory {
    std::string policy;
    Instant since;
};
/// What has to be urgent for a policy: one of these packages, or a patch that one of these vulnerabilities makes urgent.
struct NamedUrgent {
    std::vector<std::string> sources;
    std::vector<std::string> vulnerabilities;
};
/// On hosts that are not revoked, but where an exception keeps it away, where it was taken back in the group of the host
/// and nobody has looked after that yet, and where an emergency that was opened for the
/// patch, and that the host is in, binds: it is not over; or everything that makes the patch urgent there
/// was urgent in it and seen on that host before its end. By source, version and host.
/// @param named  these alone; none: whatever is urgent. At most some hundred names
/// @param most   none behind these; 0: all
Result<std::vector<UrgentPatch>> urgent_patches(
    Connection& connection,
    const EmergencyMemory& memory,
    const std::optional<NamedUrgent>& named = std::nullopt,
    std::size_t most = 0);
/// Ids of all hosts on which a patch is urgent, ascending.
Result<std::vector<std::string>> urgent_hosts(
    Connection& connection, const std::string& source, const std::string& to_version);

/// Whether an emergency that was opened for that is not over, or ended since then.
Result<bool> was_opened_for(
    Connection& connection, const EmergencyMemory& memory, const std::string& opened_for);
/// Ids of the hosts in those of a policy that were opened for that and are not over, ascending.
Result<std::vector<std::string>> hosts_in_emergencies(
    Connection& connection, const std::string& policy, const std::string& opened_for);

/// Adds what makes the patch of an emergency urgent on its hosts now to what it binds for.
Result<void> note_triggers(Connection& connection, const std::string& deployment_id);

/// Adds the ring, or puts it in the place of what was known of it.
Result<void> set_rollout_ring(Connection& connection, const RolloutRingRecord& ring);
/// In their order.
Result<std::vector<RolloutRingRecord>> rollout_rings(
    Connection& connection, const std::string& deployment_id);

Result<void> add_approval(
    Connection& connection, const std::string& deployment_id, const RolloutApproval& approval);
/// In the order in which they were given.
Result<std::vector<RolloutApproval>> approvals_of(
    Connection& connection, const std::string& deployment_id);

Result<void> add_deferral(
    Connection& connection, const std::string& deployment_id, const RolloutDeferral& deferral);
/// By host, in their order.
Result<std::vector<RolloutDeferral>> deferrals_of(
    Connection& connection, const std::string& deployment_id);

/// The review of an emergency, open.
Result<void> open_review(Connection& connection, const std::string& deployment_id, Instant due_at);
struct ReviewEnd {
    Instant at;
    std::string person;
    std::string notes;
};
/// @return whether it was open
Result<bool> close_review(
    Connection& connection, const std::string& deployment_id, const ReviewEnd& end);

/// A person's signature under a frozen set: hosts check it, the server only passes it on.
struct RolloutSignature {
    std::string person;
    std::string frozen;
    std::string statement;
    std::string signature;
    Instant signed_at;
};
/// Takes the place of an earlier one of that person.
Result<void> set_signature(
    Connection& connection, const std::string& deployment_id, const RolloutSignature& signature);
Result<std::vector<RolloutSignature>> signatures_of(
    Connection& connection, const std::string& deployment_id);

}  // namespace thimble::store
