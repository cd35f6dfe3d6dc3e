#pragma once
/// @file Phased updates as apt's index tells of them.

#include "thimble/inventory/phasing.hpp"

#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgrecords.h>

#include <cstdint>
#include <optional>
#include <string>

namespace thimble::inventory::apt {

/// The machine id that apt draws with; empty: there is none.
std::string machine_id();

/// apt's settings about phased updates.
PhasingChoice phasing_choice();

/// The percentage of a record, where it says one below 100.
std::optional<std::uint32_t> phased_percentage(pkgRecords::Parser& record);

/// Whether `offered`, or a version between the installed one and it, comes from a security archive:
/// such an update is never phased.
bool is_security_update(const pkgCache::PkgIterator& package, const pkgCache::VerIterator& offered);

}  // namespace thimble::inventory::apt
