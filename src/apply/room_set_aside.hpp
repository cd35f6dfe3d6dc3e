#pragma once
/// @file Room on the disk that a file of ours holds while a transaction lasts: a disk that fills up meanwhile must not
/// keep the host from its way back, nor the journal from the truth.

#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <cstdint>
#include <string>

namespace thimble::apply {

/// What the largest package before needs to be unpacked beside the one that is there, and what is written around it;
/// never more than the plan's reserve, which is free by the pre-checks.
std::uint64_t room_for_way_back(const model::Plan& plan);

/// Allocates `file`, of so many bytes; 0: nothing. Where the file system cannot allocate ahead, nothing is set aside.
/// @error Unavailable, Denied "apply.no_room_set_aside"
Result<void> set_room_aside(const std::string& file, std::uint64_t bytes);

/// Frees it. @return whether there was any
bool give_room_back(const std::string& file);

}  // namespace thimble::apply
