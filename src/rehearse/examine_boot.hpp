#pragma once
/// @file Whether a new kernel came with what it boots from, and whether the host has room for it. Pure.

#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/examine_files.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace thimble::rehearse {

/// "boot": fails when a kernel came without its initial file system although others have one. Says that the boot loader was not tried,
/// which no clone has.
/// @param before, after  names in /boot
/// @return none where the plan brings no kernel and none came
std::vector<Check> examine_boot(
    const model::Plan& plan,
    const std::vector<std::string>& before,
    const std::vector<std::string>& after);

struct BootFiles {
    std::map<std::string, host::FileInfo, std::less<>> files;  ///< regular ones, by path
    bool complete = true;  ///< false: there are more, or some could not be read
};

/// What the transaction wrote to /boot.
struct BootWrites {
    const BootFiles& before;
    const BootFiles& after;
    const OwnedFiles& owned;                  ///< before and after together
    std::optional<std::uint64_t> free_bytes;  ///< where the host has its /boot
};

/// "room in /boot": fails when what was written there does not fit on the host, whatever wrote it. That is what is new or has
/// grown, and what stands for a while beside what replaces it: the files of a package until it is unpacked, of others, as
/// initial file systems, the largest. What was written anew with the same bytes counts, too; what is removed does not, since it may
/// go last.
/// @return none where nothing in /boot was written
std::vector<Check> examine_boot_room(const BootWrites& writes);

}  // namespace thimble::rehearse
