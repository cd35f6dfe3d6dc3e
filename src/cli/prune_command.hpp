#pragma once
/// @file Removes what runs that are old enough have left in the state directory.

#include "thimble/apply/retention.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/cli/patch_options.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace thimble::cli {

struct Pruned {
    std::vector<std::string> archives;   ///< runs that cannot be taken back any more
    std::vector<std::string> records;    ///< runs of which nothing is left
    std::vector<std::string> snapshots;  ///< runs of which the snapshot before them is gone
    std::vector<std::string> missing;    ///< runs whose snapshot somebody else had removed
    std::vector<std::string> stays;      ///< what could not be removed, and why
    std::uint64_t bytes = 0;             ///< that were freed, but for snapshots
};

/// The host whose runs are pruned.
struct PrunedHost {
    std::string root;
    std::optional<std::string> packages;  ///< digest of its packages now; none: not known
};

/// The host as it is.
PrunedHost pruned_host(const PatchOptions& options);

/// Prunes the runs and snapshots of a host whose lock is held, and archives and rehearsals that no plan has used for as long, but those
/// that runs still need, or that hold for the host's packages as they are.
/// @error Denied, Unavailable "cli.not_pruned"
Result<Pruned> prune_state(
    const std::filesystem::path& state,
    const PrunedHost& host,
    const apply::Retention& retention,
    Instant now);

/// When the archives of a run were removed; none: they were not.
std::optional<Instant> archives_pruned_at(const std::filesystem::path& run);

void complain_of_what_stays(const Pruned& pruned, std::ostream& err);

int run_patch_prune(const PatchOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
