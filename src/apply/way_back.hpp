#pragma once
/// @file The way back of a step.

#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/run_steps.hpp"
#include "thimble/model/plan.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// What the files of from_version take; 0: none, or not known.
std::uint64_t unpacked_before(const model::PlannedStep& step);

/// What undoes `step`, without its archive.
model::PlannedStep way_back(const model::PlannedStep& step);

/// Whether a version is one that the step knows, and not one that somebody else has brought since.
bool is_end_of(const model::PlannedStep& step, std::string_view version);

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

/// What it says that a package is not there. apt may take one away for a moment where packages conflict.
enum class Absent : bool {
    IsOurs,   ///< nothing: a transaction was killed or failed
    IsMoved,  ///< somebody else has removed it: all were there when the last one ended
};

/// @param phase, word  of the last entry of a run
Absent absent_after(RunPhase phase, std::string_view word);

/// The first package that is not ours to change any more, as a clause: "curl came to 7.88.1-11"; empty: there is none.
/// @param installed  sorted
std::string moved_words(
    std::span<const model::PlannedStep> steps,
    std::span<const PackageVersion> installed,
    Absent absent);

/// The packages that are not at their version before, as many as a line holds: "curl, libcurl4 and 3 more"; empty: all are.
/// @param installed  sorted
std::string not_back_words(
    std::span<const model::PlannedStep> steps, std::span<const PackageVersion> installed);

/// What a way back has yet to do; where one was cut, part of it is done. What is not set up is unpacked again, maybe, and while the
/// package manager has not taken its own journal in nothing is known to be done.
/// @param installed  sorted
/// @return the plan with those steps whose package is not at its version before
model::Plan rest_of_way_back(
    const model::Plan& plan,
    std::span<const PackageVersion> installed,
    const PackageHealth& health);

/// What a repair may touch: it finishes what is unfinished, and brings nothing back that somebody else has changed since.
/// @param installed  sorted
/// @return those steps whose package is at one of their ends, or absent, in the same order
std::vector<model::PlannedStep> without_moved(
    std::span<const model::PlannedStep> steps, std::span<const PackageVersion> installed);

}  // namespace thimble::apply
