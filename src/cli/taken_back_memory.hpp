#pragma once
/// @file Which patches runs took back: thimble-patch writes it, and a scan says so without reading runs.
/// Format: docs/formats/taken-back.md.

#include "thimble/base/result.hpp"
#include "thimble/inventory/rollback_pins.hpp"
#include "thimble/model/inventory.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::cli {

/// A version that a run on a host took back.
struct TakenBackPatch {
    std::string root;  ///< of the host: "/" or a directory
    std::string source;
    std::string
        version;  ///< of the source package; of an update that is no security matter of a binary one
    std::string run;
    bool operator==(const TakenBackPatch&) const = default;
};

/// A run whose record cannot be read, so that it is not known what it took back, if anything.
struct UnreadRun {
    std::string root;  ///< of the host; "?": not known, which may be any
    std::string run;
    bool operator==(const UnreadRun&) const = default;
};

/// The root of an unread run of which it is not known.
inline constexpr std::string_view kAnyRoot = "?";

/// What a state directory remembers.
struct TakenBackMemory {
    std::vector<TakenBackPatch> patches;
    std::vector<UnreadRun> unread;
    std::string problem;     ///< why that may not be all; empty: it is
    bool is_denied = false;  ///< of a problem: who asks may not read it
    bool operator==(const TakenBackMemory&) const = default;
};

/// Lines that cannot be read are skipped, which is a problem. O(bytes).
TakenBackMemory parse_taken_back(std::string_view text);
/// What has a tab or a line end in a field is left out: no root and no version has one.
std::string format_taken_back(const TakenBackMemory& memory);

/// The file of a state directory.
std::filesystem::path taken_back_path(const std::filesystem::path& state);

/// Blocks the offers of what was taken back on the host `root`.
void block_taken_back(
    std::span<const TakenBackPatch> patches, const std::string& root, model::Inventory& inventory);

/// Blocks the offers that pins on the host keep from apt, whoever knows their runs, and by whatever path to it.
void block_pinned(std::span<const inventory::RollbackPin> pins, model::Inventory& inventory);

/// The run that took back what a blocker of block_taken_back or block_pinned is about; empty: the blocker is another.
std::string run_that_took_back(const model::Blocker& blocker);

/// Reads the file of a state directory; none: nothing was taken back, unless there are runs, which is a problem.
TakenBackMemory read_taken_back(const std::filesystem::path& state);

/// What is not known to be blocked on the host `root`: "cli.taken_back_unknown", "cli.run_unread" for each run.
std::vector<model::Gap> gaps_of_memory(const TakenBackMemory& memory, const std::string& root);

}  // namespace thimble::cli
