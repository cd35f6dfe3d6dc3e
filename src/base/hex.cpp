#include "thimble/base/hex.hpp"

#include "thimble/base/result.hpp"

#include <algorithm>

namespace thimble {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::string hex_of(std::span<const unsigned char> bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const unsigned char byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

std::string hex_of(std::uint64_t number, std::size_t digits) {
    THIMBLE_CHECK(digits <= 16);
    std::string text;
    for (std::size_t left = digits; left > 0; --left) {
        text += kDigits[(number >> (4 * (left - 1))) & 15U];
    }
    return text;
}

bool is_hex(std::string_view text, std::size_t digits) {
    return text.size() == digits
        && std::ranges::all_of(text, [](char c) { return kDigits.contains(c); });
}

}  // namespace thimble
