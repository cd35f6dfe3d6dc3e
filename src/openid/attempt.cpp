#include "thimble/openid/attempt.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/protocol/base64url.hpp"

namespace thimble::openid {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

unsigned value_of(char digit) {
    return digit <= '9' ? static_cast<unsigned>(digit - '0')
                        : static_cast<unsigned>(digit - 'a' + 10);
}

/// The bytes of a digest of ours.
std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
        bytes += static_cast<char>(value_of(hex[at]) * 16U + value_of(hex[at + 1]));
    }
    return bytes;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
        || c == '.' || c == '_' || c == '~';
}

}  // namespace

Attempt attempt_of(std::string_view secret) {
    const std::string text(secret);
    Attempt attempt;
    attempt.state = sha256_of("state " + text);
    attempt.nonce = sha256_of("nonce " + text);
    attempt.verifier = sha256_of("verifier " + text);
    attempt.challenge = protocol::format_base64url(bytes_of(sha256_of(attempt.verifier)));
    return attempt;
}

std::string form_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 0xFU];
    }
    return out;
}

std::string form_of(const std::vector<std::pair<std::string, std::string>>& members) {
    std::string out;
    for (const auto& [name, value] : members) {
        out.append(out.empty() ? "" : "&");
        out.append(form_encoded(name)).append("=").append(form_encoded(value));
    }
    return out;
}

std::string address_with(
    std::string_view address, const std::vector<std::pair<std::string, std::string>>& parameters) {
    const char* separator = address.contains('?') ? "&" : "?";
    return std::string(address) + separator + form_of(parameters);
}

}  // namespace thimble::openid
