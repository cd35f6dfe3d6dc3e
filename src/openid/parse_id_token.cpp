#include "thimble/openid/id_token.hpp"
#include "thimble/openid/strict_json.hpp"
#include "thimble/protocol/base64url.hpp"

#include <algorithm>
#include <array>

namespace thimble::openid {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{32} << 10U;
constexpr std::size_t kMaxHeaderBytes = 4096;
constexpr std::size_t kMaxSignatureBytes = 1024;
constexpr std::size_t kMaxSubjectBytes = 255;
constexpr std::size_t kMaxAudiences = 16;
// 9999-12-31: what is later is no time.
constexpr std::int64_t kLastSecond = 253'402'300'799;

Error bad_token(std::string why) {
    return failure(ErrorKind::Corrupt, "openid.bad_token", "the ID token " + std::move(why));
}

/// The three parts of the compact form, still encoded.
struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
};

Result<Parts> parts_of(std::string_view text) {
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
        return bad_token("has not three parts");
    }
    return Parts{
        text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

Result<JsonValue> decoded(std::string_view part, std::size_t most_bytes) {
    auto bytes = protocol::parse_base64url(part);
    if (!bytes) {
        return bad_token("has a part that is not base64 for URLs");
    }
    auto value = parse_strict_json(*bytes, most_bytes);
    if (!value) {
        return bad_token("has a part that cannot be read: " + value.error().message);
    }
    return value;
}

bool is_printable_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

bool is_jwt(std::string_view type) {
    constexpr std::string_view kJwt = "jwt";
    return std::ranges::equal(type, kJwt, [](char have, char want) {
        return (have >= 'A' && have <= 'Z' ? static_cast<char>(have - 'A' + 'a') : have) == want;
    });
}

Result<void> read_header(const JsonValue& header, IdToken& token) {
    JsonMembers members(header);
    const std::string algorithm = members.text("alg");
    const bool has_type = member_of(header, "typ") != nullptr;
    const std::string type = has_type ? members.text("typ") : "JWT";
    if (member_of(header, "kid") != nullptr) {
        token.key_id = members.text("kid");
    }
    if (!members.done() || !is_jwt(type)) {
        return bad_token("has a header that is none");
    }
    // Without the check an extension that changes what is signed (RFC 7797) would be passed over.
    if (member_of(header, "crit") != nullptr || member_of(header, "b64") != nullptr) {
        return bad_token("asks for an extension");
    }
    const auto known = algorithm_of(algorithm);
    if (!known) {
        return failure(
            ErrorKind::Denied,
            "openid.bad_algorithm",
            "the ID token is not signed by RS256, ES256 or EdDSA");
    }
    token.algorithm = *known;
    return {};
}

/// Seconds of a claim that is a time.
Instant instant_of(JsonMembers& members, std::string_view name) {
    const std::int64_t seconds = members.number(name);
    if (seconds < 0 || seconds > kLastSecond) {
        members.reject(name);
        return {};
    }
    return Instant(std::chrono::seconds(seconds));
}

void read_audiences(const JsonValue& claims, JsonMembers& members, IdToken& token) {
    const JsonValue* audience = member_of(claims, "aud");
    if (audience != nullptr && std::holds_alternative<std::string>(audience->value)) {
        token.audiences = {std::get<std::string>(audience->value)};
        return;
    }
    token.audiences = members.texts("aud");
    if (token.audiences.empty() || token.audiences.size() > kMaxAudiences) {
        members.reject("aud");
    }
}

Result<void> read_claims(JsonValue claims, IdToken& token) {
    JsonMembers members(claims);
    token.issuer = members.text("iss");
    token.subject = members.text("sub");
    token.nonce = members.text("nonce");
    token.issued_at = instant_of(members, "iat");
    token.expires_at = instant_of(members, "exp");
    read_audiences(claims, members, token);
    if (member_of(claims, "azp") != nullptr) {
        token.authorized_party = members.text("azp");
        if (token.authorized_party.empty()) {
            members.reject("azp");
        }
    }
    if (member_of(claims, "nbf") != nullptr) {
        token.not_before = instant_of(members, "nbf");
    }
    if (const auto done = members.done(); !done) {
        return bad_token("lacks a claim or has it otherwise: " + done.error().message);
    }
    if (token.subject.empty() || token.subject.size() > kMaxSubjectBytes
        || !is_printable_ascii(token.subject)) {
        return bad_token("has a subject that is none");
    }
    token.claims = std::move(claims);
    return {};
}

}  // namespace

Result<IdToken> parse_id_token(std::string_view text) {
    if (text.size() > kMaxBytes) {
        return bad_token("is larger than 32 KiB");
    }
    THIMBLE_TRY(const Parts parts, parts_of(text));
    IdToken token;
    THIMBLE_TRY(const JsonValue header, decoded(parts.header, kMaxHeaderBytes));
    THIMBLE_TRY(read_header(header, token));
    THIMBLE_TRY(JsonValue claims, decoded(parts.payload, kMaxBytes));
    THIMBLE_TRY(read_claims(std::move(claims), token));
    auto signature = protocol::parse_base64url(parts.signature);
    if (!signature || signature->empty() || signature->size() > kMaxSignatureBytes) {
        return bad_token("has a signature that is none");
    }
    token.signature = *std::move(signature);
    token.signed_text = text.substr(0, parts.header.size() + 1 + parts.payload.size());
    return token;
}

}  // namespace thimble::openid
