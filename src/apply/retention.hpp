#pragma once
/// @file Which of the runs that a host keeps are old enough to go. Pure.

#include "thimble/base/instant.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {

/// What is kept of runs, and how long.
struct Retention {
    std::uint32_t newest = 20;       ///< runs of a host that are kept whole, however old they are
    std::chrono::days archives{30};  ///< for which an older run can be taken back
    std::chrono::days records{400};  ///< for which what was done can be read
    std::uint32_t newest_snapshots = 3;  ///< of a host that are kept, while they are young enough
    std::chrono::days snapshots{
        14};  ///< an older one only costs space: what was written since would be lost
};

/// What decides about one run.
struct RetainedRun {
    std::string id;
    Instant at;              ///< of its last entry
    bool is_open = false;    ///< unfinished, or damaged: somebody still needs all of it
    bool blocks = false;     ///< what it took back is blocked; see taken_back_patches
    std::string takes_back;  ///< of a rollback: the run whose archives it works with
    std::vector<std::pair<std::string, std::string>> patches;  ///< source and version of each
};

struct Prunable {
    std::vector<std::string>
        archives;  ///< runs of which the archives go, those below among them; oldest first
    std::vector<std::string> records;  ///< runs of which all goes
    bool operator==(const Prunable&) const = default;
};

/// @param runs  of one host, oldest first
/// A run that is open goes in no part, nor does the one that it takes back; one that blocks patches stays on record, or they would be
/// planned again. So does a run after one that stays which carried a patch of that: it may be what has ended a block, which would come
/// back without it.
Prunable prunable_runs(std::span<const RetainedRun> runs, const Retention& retention, Instant now);

/// @param runs  those before which a snapshot was taken that is still there, oldest first
/// @return the ids of those whose snapshot goes; an open run keeps its own
std::vector<std::string> retired_snapshots(
    std::span<const RetainedRun> runs, const Retention& retention, Instant now);

}  // namespace thimble::apply
