#pragma once
/// @file (inventory, catalog) → findings. Pure: the same values in give the same findings out.

#include "thimble/base/result.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"

#include <chrono>

namespace thimble::assess {

struct AssessOptions {
    Instant now;
    /// An index of the package manager older than this says nothing of today.
    std::chrono::seconds index_budget = std::chrono::hours{24};
    /// Also report what is fixed or not affected, with the evidence.
    bool include_closed = false;
};

/// Judges every package of the host. Binary packages are matched through their source package where
/// the distribution's advisories name sources, kernels through the one that runs. What cannot be
/// judged is a finding with status Unknown or a gap, never silence.
/// @param catalog  nullptr when there is none: then only changelogs speak, and a gap says so
/// @return findings by package, then vulnerability id
/// @error Corrupt "catalog.corrupt"  a section of the catalog is damaged
/// @source docs of the life cycle: ARCHITECTURE.md; order of blockers and statuses: docs/glossary.md
Result<model::Assessment> assess(
    const model::Inventory& inventory,
    const catalog::Catalog* catalog,
    const AssessOptions& options);

}  // namespace thimble::assess
