#pragma once
/// @file Lower-case hexadecimal, as digests and identities are written.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace thimble {

/// Two digits a byte, in their order.
std::string hex_of(std::span<const unsigned char> bytes);

/// The last `digits` digits of a number, at most 16, with zeros in front.
std::string hex_of(std::uint64_t number, std::size_t digits);

inline constexpr std::size_t kMd5Digits = 32;
inline constexpr std::size_t kSha256Digits = 64;

/// Whether `text` is `digits` digits in lower case and nothing else.
bool is_hex(std::string_view text, std::size_t digits);

/// Whether `text` is a SHA-256 as this project writes it.
inline bool is_sha256(std::string_view text) {
    return is_hex(text, kSha256Digits);
}

}  // namespace thimble
