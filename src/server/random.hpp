#pragma once
/// @file Secrets and ids, from the system's entropy.

#include <string>

namespace thimble::server {

/// 32 random bytes as base64url, 43 characters.
std::string random_secret();

/// 16 random bytes as lower-case hexadecimal.
std::string random_id();

/// Compares in a time that depends on the lengths only.
bool equal_in_constant_time(const std::string& a, const std::string& b);

}  // namespace thimble::server
