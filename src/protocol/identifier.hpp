#pragma once
/// @file Texts from the other side that name something: which characters they may have, and how long
/// they may be.

#include <cstddef>
#include <string_view>

namespace thimble::protocol {

/// Ids of hosts, jobs, leases and tokens: letters, digits, "_" and "-", at most 64; never a path, never
/// an option, never a separator of ours.
bool is_identifier(std::string_view text);

}  // namespace thimble::protocol
