#pragma once
/// @file Digests of whole files. Private to this folder.

#include <string>
#include <string_view>

namespace thimble::verify {

/// Lower-case hex.
std::string md5_of(std::string_view bytes);
std::string sha256_of(std::string_view bytes);

}  // namespace thimble::verify
