#pragma once
/// @file Whether a new kernel came with what it boots from. Pure.

#include "thimble/model/plan.hpp"
#include "thimble/rehearse/rehearsal.hpp"

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

}  // namespace thimble::rehearse
