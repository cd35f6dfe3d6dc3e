#pragma once
/// @file The way back of a step.

#include "thimble/apply/package_manager.hpp"
#include "thimble/model/plan.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// What the files of from_version take; 0: none, or not known.
std::uint64_t unpacked_before(const model::PlannedStep& step);

/// What undoes `step`, without its archive.
model::PlannedStep way_back(const model::PlannedStep& step);

/// A step that cannot be undone any more: its package was changed again since.
struct MovedOn {
    std::string name;
    std::string architecture;
    std::string installed;  ///< empty: it is not installed any more
};

/// Packages that are at neither end of their step: to bring their versions before back would undo what came later, too.
/// Of what a step installed anew, and of kernels, which stand side by side, other versions say nothing.
/// @param installed  sorted
std::vector<MovedOn> moved_on(
    std::span<const model::PlannedStep> steps, std::span<const PackageVersion> installed);

}  // namespace thimble::apply
