#pragma once
/// @file What is noted of a host beside what its agent reports: its tags, how it is reached, and which machine it is.

#include "thimble/store/connection.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::store {

/// Tags as one text, as they were set. @error NotFound "store.no_host"
Result<std::string> tags_of_host(Connection& connection, const std::string& host_id);
/// @param tags  comma separated, sorted by who sets them
Result<void> set_host_tags(
    Connection& connection, const std::string& host_id, const std::string& tags);

/// Notes how a host is reached: "agent" or "ssh".
Result<void> set_host_reach(
    Connection& connection, const std::string& host_id, const std::string& reach);

/// Hosts that are tagged alike.
struct TaggedHosts {
    std::string tags;  ///< as they were set; never empty
    std::int64_t hosts = 0;
    bool operator==(const TaggedHosts&) const = default;
};
/// Of the hosts that are not revoked, by tags.
/// @param host_group  empty: of every group
Result<std::vector<TaggedHosts>> tagged_hosts(
    Connection& connection, const std::string& host_group);

/// Which machine a host says it is.
struct MachineClaim {
    std::string host_id;
    std::string machine;  ///< a digest
};

/// Notes it, and of each older host of the same machine, name and group that this one came after it. The
/// mark is shown as long as the older one is not heard of again: a wrong claim hides nobody.
/// @return how many were marked
Result<std::int64_t> note_machine(Connection& connection, const MachineClaim& claim);

}  // namespace thimble::store
