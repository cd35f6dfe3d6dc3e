#pragma once
/// @file What must hold before a transaction may begin. A refusal is "skipped, with the reason", never
/// a failure of the patch.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/model/plan.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// Free and total bytes of the file system that holds a folder.
struct FreeSpace {
    std::string folder;
    std::uint64_t free_bytes = 0;
    std::uint64_t file_system = 0;  ///< tells folders of one file system apart from others
    bool read_only = false;
    std::uint64_t initial_bytes =
        0;  ///< of /boot: the largest initial file system in it, where that was asked
    bool initial_remade = false;  ///< of /boot: archives of the plan say that such are made anew
};

/// Whether the steps of a plan, either way, write an initial file system to /boot, so that its size is worth a look.
bool writes_initial_files(std::span<const model::PlannedStep> steps);

/// How what full_disk_words says begins.
inline constexpr std::string_view kFullDisk = "the disk of ";

/// What a way back may need below /usr at any time, however far the way forward had come: what the plan has made smaller, and the
/// largest package before, unpacked beside the one that is there.
std::uint64_t room_to_go_back(const model::Plan& plan);

/// What is set aside for a way back while the transaction lasts: room_to_go_back, and what scripts and dpkg write besides. 0: the
/// plan's reserve is 0, so that nothing is.
std::uint64_t room_for_way_back(const model::Plan& plan);

/// The same for the record of a run and dpkg's database.
std::uint64_t room_for_record(const model::Plan& plan);

/// What is to be left free below /usr after all: the plan's reserve, and never less than what is set aside, which may all lie there.
/// 0: the plan's reserve is.
std::uint64_t room_left_free(const model::Plan& plan);

/// Of a transaction that ended because a disk was full, as a clause: "the disk of /usr is full (3 MiB free)"; of a way back for
/// which that is too little: "the disk of /usr is full (3 MiB free, 30 MiB are needed)".
/// @param space  of now; of several file systems that with the least room is named; empty: "the disk is full"
std::string full_disk_words(
    const model::Plan& plan, std::span<const FreeSpace> space, Direction direction);

/// Whether a disk has less free than the plan needs there, or next to nothing: "No space left on device" is also said where a quota
/// or the watches of inotify are used up, and by scripts of whatever they please.
/// @param space  of now; empty: it is not known, and so not full
bool is_disk_full(const model::Plan& plan, std::span<const FreeSpace> space, Direction direction);

/// By what a host is told from others.
struct HostSigns {
    std::string name;
    std::string machine_id;       ///< empty: it has none
    model::RootPlace place = {};  // NOLINT(readability-redundant-member-init): g++ warns else
};

/// A fresh look at the host. What could not be read is absent, and an absent answer refuses, but for load, battery and
/// file systems that cannot be asked: not every host has them.
struct PrecheckFacts {
    HostSigns host;
    std::optional<std::string> host_state;
    std::optional<std::vector<PackageVersion>> installed;  ///< to name what has changed
    std::optional<PackageHealth> health;
    bool lock_known = false;
    std::optional<LockHolder> lock_holder;
    std::vector<FreeSpace> space;  ///< of /, /usr, /boot, /var, and of our own state
    std::optional<double> load_per_cpu;
    std::optional<bool> on_battery;
    std::string
        going_down;  ///< "the machine is going down"; empty: it is not known to, see host::going_down
};

/// One reason not to begin now.
struct PrecheckRefusal {
    std::string code;    ///< "apply.locked"
    std::string detail;  ///< one sentence
    std::string next;    ///< what to do about it; may be empty
    bool operator==(const PrecheckRefusal&) const = default;
};

/// Of a plan that was made for another host than `here`, which no rehearsal and no new look mends. A host is known by its machine id;
/// one without is known by the place of its root alone, and a copy with the same machine id by its place and its packages.
/// @param host_state  digest of the packages here, where the plan is yet to be carried out; none: it does not count
/// @return none: it is this host's
std::optional<PrecheckRefusal> other_host_refusal(
    const model::Plan& plan,
    const HostSigns& here,
    const std::optional<std::string>& host_state = std::nullopt);

/// The code of unfinished_refusal where nobody is at work.
inline constexpr const char* kInterrupted = "apply.interrupted";

/// What is not clean in the package database, as a clause: "libc-bin is not fully installed"; empty: all is.
std::string unclean_words(const PackageHealth& health);

/// What is unfinished in the package database, and its cure; none: nothing is. While somebody is at work there it is theirs to finish.
std::optional<PrecheckRefusal> unfinished_refusal(
    const PackageHealth& health, const std::optional<LockHolder>& holder = std::nullopt);

/// @param why  of host::going_down
PrecheckRefusal going_down_refusal(const std::string& why);

/// Of precheck what has to do with room alone: a plan that cannot be carried out for want of it need not be fetched.
std::vector<PrecheckRefusal> space_refusals(
    const model::Plan& plan, const std::vector<FreeSpace>& space, Direction direction);

/// @return every reason, in the order of the checks; empty: the transaction may begin. A way back is for hosts that are not well:
/// what is unfinished or broken, load and battery do not keep from it. Neither is begun on a machine that goes down or to sleep.
/// @source workflow 4.3: agent healthy, metadata fresh, no lock, database clean, disk, load, power
std::vector<PrecheckRefusal> precheck(
    const model::Plan& plan, const PrecheckFacts& facts, Direction direction);

}  // namespace thimble::apply
