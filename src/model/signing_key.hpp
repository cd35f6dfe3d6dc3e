#pragma once
/// @file Which key a signature says that it was made with, so that one key is not taken for two people. Pure.

#include "thimble/base/result.hpp"

#include <string>
#include <string_view>

namespace thimble::model {

/// The public key in an armoured SSH signature: its kind and its numbers, the same bytes for the same key, also where it
/// comes in a certificate. Whether that key made the signature is for `ssh-keygen -Y verify`, which reads the same bytes.
/// @error Corrupt "model.bad_signature": no such signature, or a kind of key that is not known here
/// @source OpenSSH's PROTOCOL.sshsig and PROTOCOL.certkeys; RFC 4253, section 6.6; RFC 4251, section 5
Result<std::string> signing_key(std::string_view armoured);

}  // namespace thimble::model
