#pragma once
/// @file Bytes into an open file, all of them.

#include <string_view>

namespace thimble::host {

/// Writes `bytes` at the position of the file, however often a signal or a short write comes between.
/// @return false: they are not all there, and errno says why
bool write_all(int file, std::string_view bytes);

}  // namespace thimble::host
