#pragma once
/// @file Offers out of what zypper answered. Pure.

#include "thimble/inventory/zypper_answer.hpp"
#include "thimble/model/inventory.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::inventory {

struct ZypperAnswers {
    std::vector<ZypperUpdate> updates;           ///< all that is newer
    std::vector<ZypperChange> upgrade;           ///< what zypper's own update would do
    std::vector<ZypperChange> security;          ///< what its security patches would do
    std::vector<std::string> locks;              ///< patterns of names
    std::vector<ZypperRepository> repositories;  ///< enabled or not
};

/// One offer for each update whose package is installed, by name, then architecture. zypper does not tell
/// the source of an update: it is that of the installed package, in the version that is offered.
std::vector<model::Offer> zypper_offers(
    const ZypperAnswers& answers, std::span<const model::InstalledPackage> installed);

}  // namespace thimble::inventory
