#pragma once
/// @file Signatures by a provider's keys.

#include "thimble/openid/key_set.hpp"

#include <string_view>

namespace thimble::openid {

/// Whether it is the signature of that text by the key, in the form of RFC 7518, section 3. The algorithm
/// is the key's: who compares it with that of a token has asked key_for.
bool is_signed_by(const Key& key, std::string_view text, std::string_view signature);

}  // namespace thimble::openid
