#include "thimble/model/signing_key.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace thimble::model {
namespace {

constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr std::string_view kEnd = "\n-----END SSH SIGNATURE-----";
constexpr std::string_view kMagic{"SSHSIG\0\0\0\1", 10};
constexpr unsigned kBitsOfByte = 8;

/// A kind of key, the name of its certificates, and how many values it has.
struct KeyKind {
    std::string_view name;
    std::string_view certificate;
    std::size_t values;
};

constexpr std::array kKinds{
    KeyKind{"ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", 1},
    KeyKind{"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com", 2},
    KeyKind{"ssh-rsa", "ssh-rsa-cert-v01@openssh.com", 2},
    KeyKind{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256-cert-v01@openssh.com", 2},
    KeyKind{"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384-cert-v01@openssh.com", 2},
    KeyKind{"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521-cert-v01@openssh.com", 2},
    KeyKind{
        "sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", 3}};

Error bad_signature(const char* why) {
    return failure(ErrorKind::Corrupt, "model.bad_signature", why);
}

/// Base64 with line ends between (RFC 4648, section 4); nothing where anything else stands there.
std::optional<std::string> decoded(std::string_view text) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr unsigned kBitsOfDigit = 6;
    std::string bytes;
    std::uint32_t held = 0;
    unsigned bits = 0;
    bool has_ended = false;
    for (const char character : text) {
        if (character == '\n' || character == '\r') {
            continue;
        }
        const std::size_t digit = kDigits.find(character);
        has_ended = has_ended || character == '=';
        if (digit == std::string_view::npos || has_ended) {
            if (character != '=') {
                return std::nullopt;
            }
            continue;
        }
        held = held << kBitsOfDigit | static_cast<std::uint32_t>(digit);
        bits += kBitsOfDigit;
        if (bits >= kBitsOfByte) {
            bits -= kBitsOfByte;
            bytes += static_cast<char>(held >> bits & 0xFFU);
        }
    }
    return bytes;
}

/// Takes a value off the front: its length in four bytes, most significant first, and its bytes.
std::optional<std::string_view> take_value(std::string_view& bytes) {
    constexpr std::size_t kLengthBytes = 4;
    if (bytes.size() < kLengthBytes) {
        return std::nullopt;
    }
    std::uint32_t length = 0;
    for (const char byte : bytes.substr(0, kLengthBytes)) {
        length = length << kBitsOfByte | static_cast<unsigned char>(byte);
    }
    bytes.remove_prefix(kLengthBytes);
    if (length > bytes.size()) {
        return std::nullopt;
    }
    const std::string_view value = bytes.substr(0, length);
    bytes.remove_prefix(length);
    return value;
}

}  // namespace

Result<std::string> signing_key(std::string_view armoured) {
    const std::size_t end = armoured.find(kEnd);
    if (!armoured.starts_with(kBegin) || end == std::string_view::npos || end < kBegin.size()) {
        return bad_signature("it is no armoured SSH signature");
    }
    const auto bytes = decoded(armoured.substr(kBegin.size(), end - kBegin.size()));
    if (!bytes || !bytes->starts_with(kMagic)) {
        return bad_signature("it is no SSH signature of version 1");
    }
    std::string_view rest = std::string_view(*bytes).substr(kMagic.size());
    std::string_view blob = take_value(rest).value_or("");
    const std::string_view name = take_value(blob).value_or("");
    const auto* const kind = std::ranges::find_if(kKinds, [&](const KeyKind& known) {
        return name == known.name || name == known.certificate;
    });
    if (kind == kKinds.end()) {
        return bad_signature("it is of a kind of key that is not known here");
    }
    if (name == kind->certificate && !take_value(blob)) {  // what makes each certificate another
        return bad_signature("its certificate is cut off");
    }
    std::string key(kind->name);
    for (std::size_t at = 0; at < kind->values; ++at) {
        auto value = take_value(blob);
        if (!value) {
            return bad_signature("its key is cut off");
        }
        // A number may be written with more zeros in front than it needs.
        const bool is_number = kind->name == "ssh-rsa";
        value->remove_prefix(
            is_number ? std::min(value->find_first_not_of('\0'), value->size()) : 0);
        key.append(1, ' ').append(std::to_string(value->size())).append(1, ' ').append(*value);
    }
    return key;
}

}  // namespace thimble::model
