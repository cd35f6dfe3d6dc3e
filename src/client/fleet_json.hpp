#pragma once
/// @file Hosts and patches of a fleet as JSON: docs/formats/fleet-lists.md. Pure.

#include "thimble/client/fleet_page.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace thimble::client {

/// Revoked hosts are left out.
std::string hosts_json(std::span<const ListedHost> hosts);
/// @param of_one_host    of `patches`, else of `fleet-patches`
/// @param unknown_hosts  of `fleet-patches`: of how many hosts something is not known
std::string patches_json(
    std::span<const ListedPatch> patches, bool of_one_host, std::size_t unknown_hosts = 0);

}  // namespace thimble::client
