#include "thimble/protocol/base64url.hpp"
#include "thimble/protocol/enrolment_token.hpp"
#include "thimble/protocol/identifier.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace thimble::protocol {
namespace {

constexpr std::string_view kVersion = "thimble1";
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kMaxTokenBytes = 256;
constexpr std::size_t kMinSecretBytes = 22;  // 128 bits
constexpr std::size_t kMaxSecretBytes = 86;

Error bad_token() {
    return failure(
        ErrorKind::Invalid,
        "protocol.bad_token",
        "an enrolment token is thimble1.AUTHORITY.ID.SECRET, as the server showed it");
}

/// The id is chosen by the server from that alphabet; it may begin with any of it.
bool is_token_id(std::string_view text) {
    constexpr std::size_t kMaxIdBytes = 64;
    return !text.empty() && text.size() <= kMaxIdBytes && std::ranges::all_of(text, [](char c) {
        return is_identifier(std::string_view(&c, 1)) || c == '_' || c == '-';
    });
}

std::string hexadecimal(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        text += kDigits[static_cast<unsigned char>(byte) >> 4U];
        text += kDigits[static_cast<unsigned char>(byte) & 0xFU];
    }
    return text;
}

std::string bytes_of_hexadecimal(std::string_view text) {
    std::string bytes;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
        bytes += static_cast<char>(kDigits.find(text[at]) << 4U | kDigits.find(text[at + 1]));
    }
    return bytes;
}

}  // namespace

std::string format_enrolment_token(const EnrolmentToken& token) {
    return std::string(kVersion) + "." + format_base64url(bytes_of_hexadecimal(token.authority))
        + "." + token.id + "." + token.secret;
}

Result<EnrolmentToken> parse_enrolment_token(std::string_view text) {
    constexpr std::size_t kParts = 4;
    if (text.size() > kMaxTokenBytes) {
        return bad_token();
    }
    std::array<std::string_view, kParts> parts;
    for (std::size_t part = 0; part < kParts; ++part) {
        const std::size_t dot = text.find('.');
        const bool is_last = part + 1 == kParts;
        if (is_last == (dot != std::string_view::npos)) {
            return bad_token();
        }
        parts.at(part) = text.substr(0, dot);
        text.remove_prefix(is_last ? text.size() : dot + 1);
    }
    const auto authority = parse_base64url(parts[1]);
    const auto secret = parse_base64url(parts[3]);
    if (parts[0] != kVersion || !authority || authority->size() != kDigestBytes
        || !is_token_id(parts[2]) || !secret || parts[3].size() < kMinSecretBytes
        || parts[3].size() > kMaxSecretBytes) {
        return bad_token();
    }
    return EnrolmentToken{
        .authority = hexadecimal(*authority),
        .id = std::string(parts[2]),
        .secret = std::string(parts[3])};
}

}  // namespace thimble::protocol
