#include "thimble/protocol/base64url.hpp"

#include <cstddef>
#include <cstdint>

namespace thimble::protocol {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned kBitsOfDigit = 6;
constexpr unsigned kBitsOfByte = 8;

}  // namespace

std::string format_base64url(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char byte : bytes) {
        held = held << kBitsOfByte | static_cast<unsigned char>(byte);
        for (bits += kBitsOfByte; bits >= kBitsOfDigit;) {
            bits -= kBitsOfDigit;
            text += kAlphabet[held >> bits & 0x3FU];
        }
    }
    if (bits > 0) {
        text += kAlphabet[held << (kBitsOfDigit - bits) & 0x3FU];
    }
    return text;
}

Result<std::string> parse_base64url(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char digit : text) {
        const std::size_t place = kAlphabet.find(digit);
        if (place == std::string_view::npos) {
            return failure(
                ErrorKind::Invalid, "protocol.bad_base64", "not a digit of base64 for URLs");
        }
        held = held << kBitsOfDigit | static_cast<std::uint32_t>(place);
        bits += kBitsOfDigit;
        if (bits >= kBitsOfByte) {
            bits -= kBitsOfByte;
            bytes += static_cast<char>(held >> bits & 0xFFU);
        }
    }
    // A digit too many, or bits that no encoder leaves: two texts must not stand for the same bytes.
    if (bits >= kBitsOfDigit || (held & ((1U << bits) - 1U)) != 0) {
        return failure(
            ErrorKind::Invalid, "protocol.bad_base64", "base64 for URLs that ends badly");
    }
    return bytes;
}

}  // namespace thimble::protocol
