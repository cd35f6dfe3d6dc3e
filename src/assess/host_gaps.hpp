#pragma once
/// @file What about a host could not be known, and why. Pure.

#include "thimble/catalog/catalog.hpp"
#include "thimble/model/inventory.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::assess {

struct GapOptions {
    Instant now;
    std::chrono::seconds index_budget;
    bool has_section = false;  ///< the catalog speaks of this release
};

/// What finishes what is half done on a host, for people: a run of ours knows what it was at.
inline constexpr std::string_view kFinishingStep =
    "thimble patch resume; where no run is unfinished: dpkg --configure -a";

/// Those of the inventory, then those of the release, the package index, and each stale feed.
std::vector<model::Gap> host_gaps(
    const model::Inventory& inventory, const catalog::Catalog* catalog, const GapOptions& options);

/// Whether it says that the repositories may have more than they are known to offer: the index is old or not there, or no archive
/// has the patches.
bool is_index_gap(const model::Gap& gap);

/// Whether it says that advisories may name patches of which nothing is known here: the catalog is not there, old, lacks records or
/// has none for the release, or nobody may write any for that.
bool is_catalog_gap(const model::Gap& gap);

/// Whether it says that packages of the host are half done.
bool is_unfinished_gap(const model::Gap& gap);

/// Why no package of the distribution can be judged; empty when they can.
std::string host_unjudged_reason(
    const model::Inventory& inventory, const catalog::Catalog* catalog, Instant now);

}  // namespace thimble::assess
