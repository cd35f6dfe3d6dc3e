#pragma once
/// @file The package database of dpkg: /var/lib/dpkg/status, and the status.d of distroless images.

#include "thimble/inventory/package_list.hpp"

#include <cstdint>
#include <string_view>

namespace thimble::inventory {

/// Whether each stanza must tell its state; those of status.d do not, and are installed.
enum class StatusField : std::uint8_t { Required, Implied };

/// Reads the stanzas. Packages that are not installed, or of which only configuration files are
/// left, are skipped; a stanza without name, version or state becomes a Gap and loses no other.
/// Linear, some 2 GB/s over fields that do not matter.
/// @source deb-control(5), dpkg(1) "Package states"
PackageList parse_dpkg_status(std::string_view text, StatusField status = StatusField::Required);

}  // namespace thimble::inventory
