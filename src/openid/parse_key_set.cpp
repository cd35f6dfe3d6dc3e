#include "thimble/openid/key_set.hpp"
#include "thimble/openid/strict_json.hpp"
#include "thimble/protocol/base64url.hpp"

#include <algorithm>
#include <array>

namespace thimble::openid {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{256} << 10U;
constexpr std::size_t kMaxKeys = 64;
constexpr std::size_t kMaxIdBytes = 255;
constexpr std::size_t kFewestModulusBytes = 256;
constexpr std::size_t kMostModulusBytes = 1024;
constexpr std::size_t kMostExponentBytes = 8;
constexpr std::size_t kCurveBytes = 32;

struct AlgorithmName {
    Algorithm algorithm;
    std::string_view name;
};
constexpr std::array kNames{
    AlgorithmName{Algorithm::Rs256, "RS256"},
    AlgorithmName{Algorithm::Es256, "ES256"},
    AlgorithmName{Algorithm::EdDsa, "EdDSA"},
};

/// The document, of which the keys are a list.
Result<JsonValue> document_of(std::string_view text) {
    THIMBLE_TRY(JsonValue document, parse_strict_json(text, kMaxBytes));
    JsonMembers members(document);
    const std::size_t count = members.array("keys").size();
    if (!members.done() || count > kMaxKeys) {
        return failure(
            ErrorKind::Corrupt, "openid.bad_key_set", "the keys are no list of at most 64 keys");
    }
    return document;
}

/// A text of an object; empty when it is missing or something else.
std::string_view text_of(const JsonValue& object, std::string_view name) {
    const JsonValue* value = member_of(object, name);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::string bytes_of(const JsonValue& object, std::string_view name) {
    auto bytes = protocol::parse_base64url(text_of(object, name));
    return bytes ? *std::move(bytes) : std::string();
}

/// Whether the key says of itself that it is for signatures, or says nothing.
bool is_for_signatures(const JsonValue& object) {
    const JsonValue* operations = member_of(object, "key_ops");
    const std::string_view use = text_of(object, "use");
    if (!use.empty() && use != "sig") {
        return false;
    }
    const auto* list =
        operations == nullptr ? nullptr : std::get_if<JsonValue::Array>(&operations->value);
    return operations == nullptr
        || (list != nullptr && std::ranges::any_of(*list, [](const JsonValue& operation) {
                const auto* text = std::get_if<std::string>(&operation.value);
                return text != nullptr && *text == "verify";
            }));
}

std::optional<Key> rsa_key(const JsonValue& object) {
    Key key{Algorithm::Rs256, {}, bytes_of(object, "n"), bytes_of(object, "e")};
    const bool is_whole = key.first.size() >= kFewestModulusBytes
        && key.first.size() <= kMostModulusBytes && key.first.front() != '\0' && !key.second.empty()
        && key.second.size() <= kMostExponentBytes && key.second.front() != '\0'
        && (static_cast<unsigned char>(key.second.back()) & 1U) != 0 && key.second != "\x01";
    // 256 bytes of which the first bit is unset are a key of less than 2048 bits.
    const bool is_long = is_whole
        && (key.first.size() > kFewestModulusBytes
            || (static_cast<unsigned char>(key.first.front()) & 0x80U) != 0);
    return is_long ? std::optional(std::move(key)) : std::nullopt;
}

std::optional<Key> curve_key(const JsonValue& object) {
    Key key{Algorithm::Es256, {}, bytes_of(object, "x"), bytes_of(object, "y")};
    const bool is_whole = text_of(object, "crv") == "P-256" && key.first.size() == kCurveBytes
        && key.second.size() == kCurveBytes;
    return is_whole ? std::optional(std::move(key)) : std::nullopt;
}

std::optional<Key> edwards_key(const JsonValue& object) {
    Key key{Algorithm::EdDsa, {}, bytes_of(object, "x"), {}};
    const bool is_whole = text_of(object, "crv") == "Ed25519" && key.first.size() == kCurveBytes;
    return is_whole ? std::optional(std::move(key)) : std::nullopt;
}

std::optional<Key> key_of(const JsonValue& object) {
    const std::string_view kind = text_of(object, "kty");
    std::optional<Key> key;
    if (kind == "RSA") {
        key = rsa_key(object);
    } else if (kind == "EC") {
        key = curve_key(object);
    } else if (kind == "OKP") {
        key = edwards_key(object);
    }
    const JsonValue* named = member_of(object, "alg");
    const bool fits = key && is_for_signatures(object)
        && (named == nullptr || algorithm_of(text_of(object, "alg")) == key->algorithm);
    if (!fits) {
        return std::nullopt;
    }
    const std::string_view id = text_of(object, "kid");
    if (id.size() > kMaxIdBytes) {
        return std::nullopt;
    }
    key->id = id;
    return key;
}

}  // namespace

std::optional<Algorithm> algorithm_of(std::string_view name) {
    for (const AlgorithmName& row : kNames) {
        if (row.name == name) {
            return row.algorithm;
        }
    }
    return std::nullopt;
}

Result<std::vector<Key>> parse_key_set(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, document_of(text));
    JsonMembers members(document);
    std::vector<Key> keys;
    for (const JsonValue& item : members.array("keys")) {
        if (auto key = key_of(item)) {
            keys.push_back(*std::move(key));
        }
    }
    return keys;
}

}  // namespace thimble::openid
