#pragma once
/// @file Hosts and patches of a fleet as tables for people, and what a script is told. Pure.

#include "thimble/client/fleet_page.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace thimble::client {

/// Lines of at most 80 columns; text from elsewhere is made printable first. Revoked hosts are left out;
/// "?" is what nobody knows.
std::string host_table(std::span<const ListedHost> hosts);
/// The patches of one host.
/// @param hosts  that host; without patches it says what is known of it
std::string patch_table(std::span<const ListedPatch> patches, std::span<const ListedHost> hosts);
/// The patches of all hosts.
/// @param hosts  all of them; without patches they say what is known
std::string fleet_patch_table(
    std::span<const ListedPatch> patches, std::span<const ListedHost> hosts);

/// Of how many hosts something is not known. Revoked hosts do not count.
std::size_t unknown_hosts(std::span<const ListedHost> hosts);

/// 0 nothing due, 1 something due, 2 nothing known to be due, but a host is unknown or there is none.
int fleet_exit_status(std::span<const ListedHost> hosts);

}  // namespace thimble::client
