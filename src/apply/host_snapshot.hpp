#pragma once
/// @file A snapshot of the root's file system before a transaction, where the host has the means: a
/// second way back, beside the archives of the versions before.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

enum class SnapshotKind : std::uint8_t { Snapper, Btrfs, Zfs, Lvm };

/// What is known of the file system that a root lies on.
struct SnapshotFacts {
    std::string root;            ///< absolute
    std::string type;            ///< "btrfs"
    std::string source;          ///< "/dev/mapper/vg-root", "rpool/ROOT/debian"
    bool is_subvolume = false;   ///< the root is a btrfs subvolume of its own
    std::string snapper_config;  ///< the configuration whose subvolume is the root; empty: none
    std::vector<std::string>
        tools;  ///< of "snapper", "btrfs", "zfs", "lvcreate": those that are there
};

/// One snapshot, to be taken or taken. Its commands follow from these values alone.
struct Snapshot {
    SnapshotKind kind = SnapshotKind::Btrfs;
    std::string
        name;  ///< path, dataset@name, volume group/volume; of snapper its number, once taken
    std::string source;  ///< root, dataset, volume or configuration that it is of
    bool operator==(const Snapshot&) const = default;
};

/// Chooses the means: snapper where it is configured for the root, else the file system's own.
/// @param run  the run's id, which names the snapshot
/// @return none: the host has no means
/// @source workflow 5.10
std::optional<Snapshot> plan_snapshot(const SnapshotFacts& facts, const std::string& run);

/// Argument vectors. Those of LVM keep a tenth of the volume for what changes.
std::vector<std::string> create_command(const Snapshot& snapshot, const std::string& run);
/// Empty: snapper clears up by its own rules.
std::vector<std::string> remove_command(const Snapshot& snapshot);
/// Lists the snapshots that there are where it was taken, itself among them, a line each. Empty: of snapper nothing is removed.
std::vector<std::string> list_command(const Snapshot& snapshot);
/// Whether such a list has it.
/// @source lvs(8), zfs-list(8), btrfs-subvolume(8)
bool is_listed(const Snapshot& snapshot, std::string_view list);
/// How a person goes back to it, and what that costs.
std::string way_back_words(const Snapshot& snapshot);

std::string_view snapshot_kind_name(SnapshotKind kind);

/// The subvolume of a configuration of snapper: the value of SUBVOLUME. Empty: none.
/// @source snapper-configs(5)
std::string parse_snapper_subvolume(std::string_view text);

/// As kept in the folder of a run: docs/formats/run.md.
std::string format_snapshot(const Snapshot& snapshot);
/// @error Corrupt "apply.bad_snapshot": also when a name could be another word or leads elsewhere
Result<Snapshot> parse_snapshot(std::string_view text);

/// Looks at this machine.
/// @param root  "/" or an absolute path
SnapshotFacts read_snapshot_facts(const std::string& root);

/// Takes it. @error Unavailable "apply.no_snapshot" with what the tool said
Result<Snapshot> take_snapshot(Snapshot planned, const std::string& run);
/// @error Unavailable "apply.snapshot_not_removed"
Result<void> remove_snapshot(const Snapshot& snapshot);
/// Whether somebody else has removed it, for certain: the tool of its kind lists what there is, and it is not there.
bool is_gone(const Snapshot& snapshot);

}  // namespace thimble::apply
