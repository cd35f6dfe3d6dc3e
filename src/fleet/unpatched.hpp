#pragma once
/// @file What of a host cannot be patched, what shields it, and which of its controls still have a reason. Pure.

#include "thimble/fleet/judge_host.hpp"
#include "thimble/model/patch.hpp"

#include <string>
#include <vector>

namespace thimble::fleet {

/// Patches that something holds back; vulnerabilities without a fix that are exploited, have a public exploit, must
/// not wait or are covered by a control; and patches that are ready and shielded meanwhile.
/// @return by source and version
std::vector<UnpatchedSource> unpatched_sources(
    const model::Inventory& inventory,
    const model::Assessment& assessment,
    const model::OrderOfWork& work);

/// Ids of the controls that cover a finding that is open, or of which that cannot be told: all of them when the
/// assessment may lack packages, and those of a package that cannot be judged any more. Sorted.
std::vector<std::string> needed_controls(
    const model::Inventory& inventory, const model::Assessment& assessment, const KnownHost& known);

}  // namespace thimble::fleet
