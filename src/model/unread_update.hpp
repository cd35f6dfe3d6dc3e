#pragma once
/// @file Updates of which nobody has read what they close. Pure.

#include "thimble/model/inventory.hpp"

namespace thimble::model {

/// Whether a changelog says what an update closes.
bool has_changelog(const Inventory& inventory, const Offer& offer);

/// An offered update of a package's source of which no changelog was read: it may close what no feed knows a fix of. Kernels meet in one
/// source. O(offers × changelogs)
/// @return nullptr: there is none, as far as is known
const Offer* unread_update(const Inventory& inventory, const InstalledPackage& package);

}  // namespace thimble::model
