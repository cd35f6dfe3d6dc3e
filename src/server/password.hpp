#pragma once
/// @file Passwords, kept as argon2id (RFC 9106): slow on purpose, some 50 ms and 64 MiB each.

#include "thimble/base/result.hpp"

#include <string>

namespace thimble::server {

/// The encoded hash, with its salt and its costs.
/// @error Invalid "server.weak_password"  shorter than 12 or longer than 256 bytes
Result<std::string> hash_password(const std::string& password);

/// Whether it is the password of that hash. An empty hash takes as long as another, and is never right.
bool is_password(const std::string& hash, const std::string& password);

}  // namespace thimble::server
