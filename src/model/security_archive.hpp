#pragma once
/// @file Which archives carry security updates, by what their Release files say. Pure.

#include "thimble/model/inventory.hpp"

#include <span>

namespace thimble::model {

/// An archive of Debian or Ubuntu that has nothing but security updates.
/// @source Release files: Label "Debian-Security", Suite or Codename "bookworm-security", "jammy-security"
bool is_security_archive(const OfferOrigin& archive);

/// Whether what is configured of an archive lets it be the one of the security updates of this release: its suite or, on Debian,
/// its address speaks of security, and its suite names no other release.
bool may_be_security_archive(const OsRelease& os, const UnfetchedArchive& archive);

/// Whether one of the archives says that it has the security updates of this release.
/// @param archives  whose indexes are here: what an archive without one has is not known
/// @return true also where nobody can tell: another distribution, or one that has no such archive, as Debian's
///         testing and unstable
bool carries_security_updates(const OsRelease& os, std::span<const OfferOrigin> archives);

}  // namespace thimble::model
