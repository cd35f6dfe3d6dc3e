#pragma once
/// @file Patch sets that hosts took back, kept from the other hosts of their groups until somebody has looked.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"
#include "thimble/store/deployments.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace thimble::store {

struct TakenBackSet {
    std::string id;
    std::string host_id;        ///< that took it back
    std::string host_group;     ///< of that host at that time: it is kept from all of that group
    std::string deployment_id;  ///< empty: of a job by itself
    std::string run;            ///< the host's own id of it; empty: unknown
    std::string why;
    Instant taken_back_at;
    PlannedPatches patches;                    ///< source and version of each
    std::vector<std::string> vulnerabilities;  ///< that they close on that host, as far as is known
    bool operator==(const TakenBackSet&) const = default;
};

/// It keeps its patches from the group from now on.
Result<void> add_taken_back(Connection& connection, const TakenBackSet& set);

struct TakenBackReview {
    std::string id;
    std::string person;
    std::string notes;
};
/// The patches may go to the group again.
/// @return whether it was open
Result<bool> review_taken_back(Connection& connection, const TakenBackReview& review, Instant now);

/// The group from which a set is kept; none: there is no such set.
Result<std::optional<std::string>> group_of_taken_back(
    Connection& connection, const std::string& id);

/// A patch that is kept from a host since another of its group, or that host itself, took it back.
struct KeptBackPatch {
    std::string source;
    std::string to_version;
    std::string taken_back_on;  ///< name of the host that did
    std::string set_id;         ///< of those that are open the oldest
    bool operator==(const KeptBackPatch&) const = default;
};
/// By source and version.
Result<std::vector<KeptBackPatch>> patches_kept_back(
    Connection& connection, const std::string& host_id);

/// Source packages of those that the host misses in just that version, ascending.
Result<std::vector<std::string>> sources_kept_back(
    Connection& connection, const std::string& host_id);

/// Hosts of a deployment that are ready for a patch that is kept from them, with the name of the host that took it back.
Result<std::map<std::string, std::string>> hosts_kept_back(
    Connection& connection, const std::string& deployment_id);

/// Ids of the hosts from which a patch is kept, ascending.
Result<std::vector<std::string>> hosts_without(
    Connection& connection, const std::string& source, const std::string& to_version);

}  // namespace thimble::store
