#pragma once
/// @file What systemd and the kernel say of services, mounts and routes. Private to this folder.

#include "thimble/verify/health.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::verify {

/// The answer of `systemctl show` for Id, ActiveState and SubState: blocks of "Name=value" lines in any order, with an empty
/// line between. Sorted by name; a block without a name or a state is passed over.
std::vector<UnitState> parse_units(std::string_view text);

/// The same for Id, NRestarts, UnitFileState and ActiveEnterTimestampMonotonic. Sorted by name; a block without a name is passed over.
std::vector<UnitRecord> parse_unit_records(std::string_view text);

/// The answer of `systemctl show` for Id, ActiveState and ActiveEnterTimestampMonotonic of scopes: those of containers and guests that
/// are active, sorted by name.
/// @param up  how long the machine has been
std::vector<ContainerState> parse_containers(std::string_view text, std::chrono::microseconds up);

/// What of containers comes before the name or number of one in the name of its scope: "docker-"; empty: it is no container's.
std::string_view container_kind(std::string_view scope);

/// "/boot ext4" of each line of /proc/self/mountinfo that is a place for files: no cgroup, proc, sysfs
/// and their like, nothing below /proc, /sys, /dev or /run, and nothing that comes and goes by itself: of containers, of removable media, of
/// an automounter. Sorted; damaged lines are skipped.
/// @source proc(5)
std::vector<std::string> parse_mounts(std::string_view mountinfo);

/// Whether what is mounted there is a container's, a pod's or a user's, and comes and goes.
bool is_passing_mount(std::string_view path);

/// Interfaces with a default route in /proc/net/route: "eth0"; with one in /proc/net/ipv6_route: "eth0 (IPv6)". Sorted, unique.
/// @source proc_net(5); linux/ipv6_route.h, linux/route.h for the flags
std::vector<std::string> parse_default_routes(std::string_view route, std::string_view ipv6_route);

}  // namespace thimble::verify
