#pragma once
/// @file Which archives carry security updates, by what their Release files say. Pure.

#include "thimble/model/inventory.hpp"

#include <span>

namespace thimble::model {

/// An archive of Debian or Ubuntu that has nothing but security updates.
/// @source Release files: Label "Debian-Security", Suite or Codename "bookworm-security", "jammy-security"
bool is_security_archive(const OfferOrigin& archive);

/// Whether one of the archives says that it has the security updates of this release.
/// @return true also where nobody can tell: another distribution, or one that has no such archive, as Debian's
///         testing and unstable
bool carries_security_updates(const OsRelease& os, std::span<const OfferOrigin> archives);

}  // namespace thimble::model
