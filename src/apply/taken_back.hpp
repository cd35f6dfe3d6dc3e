#pragma once
/// @file Patches that were taken back stay out of plans until somebody asks for them again. Pure.

#include "thimble/model/plan.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// What earlier runs of a host say of the patches that they carried.
struct EarlierRun {
    std::string id;
    std::string result;  ///< of run_result_name
    std::vector<model::PlannedPatch> patches;
};

struct TakenBack {
    std::string source;
    std::string version;
    std::string run;  ///< the last that took it back
    bool operator==(const TakenBack&) const = default;
};

/// @param runs  of one host, oldest first
/// @return versions whose last run that changed something took them back; by source, then version
std::vector<TakenBack> taken_back_patches(std::span<const EarlierRun> runs);

}  // namespace thimble::apply
