#pragma once
/// @file Findings and offers as patches, in the order in which to work on them. Pure.

#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"
#include "thimble/prioritize/decide.hpp"
#include "thimble/prioritize/shield.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace thimble::prioritize {

/// Whether the left decision comes first: KEV, exploited elsewhere, public exploit, BOD deadline,
/// SSVC outcome, exposure, EPSS, impact. Equal decisions compare equal.
bool comes_before(const model::Decision& left, const model::Decision& right);

/// One patch per source package that has an offered update or a finding with a fix.
/// @param detected_at  parallel to the findings: when each was first seen on this host
/// @param controls     of this host; where one counts both tables are run again with what it changes
model::OrderOfWork order_of_work(
    const model::Inventory& inventory,
    const model::Assessment& assessment,
    const PriorityPolicy& policy,
    std::span<const Instant> detected_at,
    std::span<const HostControl> controls = {});

/// What is said of patches of which neither a feed nor a changelog tells which vulnerabilities they
/// close: an exploited one may hide behind each.
std::optional<model::Gap> gap_of_unnamed_vulnerabilities(const model::OrderOfWork& work);

}  // namespace thimble::prioritize
