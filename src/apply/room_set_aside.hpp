#pragma once
/// @file Room on the disk that a file of ours holds while a transaction lasts: a disk that fills up meanwhile must not
/// keep the host from its way back, nor the journal from the truth.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <string>

namespace thimble::apply {

/// A file of a root, whose links do not lead out of it.
struct Room {
    std::string root;
    std::string folder;  ///< within the root
    std::string name;
};

/// Allocates the file anew, of so many bytes; 0: nothing. Where the file system cannot allocate ahead, or there is no such folder, nothing
/// is set aside.
/// @error Unavailable, Denied "apply.no_room_set_aside"
Result<void> set_room_aside(const Room& room, std::uint64_t bytes);

/// Frees it. @return whether there was any
bool give_room_back(const Room& room);

}  // namespace thimble::apply
