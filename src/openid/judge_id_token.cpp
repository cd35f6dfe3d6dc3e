#include "thimble/openid/judge_id_token.hpp"

#include "thimble/openid/key_signature.hpp"

#include <algorithm>

namespace thimble::openid {
namespace {

constexpr std::chrono::minutes kSkew{1};
constexpr std::chrono::minutes kFresh{10};

Error denied(const char* code, const char* why) {
    return failure(ErrorKind::Denied, code, why);
}

/// We are meant, and nobody else but who is trusted to be named beside us.
bool is_for_us(const IdToken& token, const Expectation& expected) {
    const auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
        return std::ranges::find(names, name) != names.end();
    };
    const bool names_us = is_in(token.audiences, expected.client_id);
    const bool names_others = std::ranges::any_of(token.audiences, [&](const std::string& name) {
        return name != expected.client_id && !is_in(expected.trusted_audiences, name);
    });
    const bool is_ours_alone = token.audiences.size() == 1 && token.authorized_party.empty();
    return names_us && !names_others
        && (is_ours_alone || token.authorized_party == expected.client_id);
}

Result<void> judge_times(const IdToken& token, Instant now) {
    if (token.expires_at + kSkew <= now || token.expires_at <= token.issued_at) {
        return denied("openid.expired", "the ID token has expired");
    }
    if (token.issued_at > now + kSkew || token.not_before.value_or(Instant{}) > now + kSkew) {
        return denied("openid.not_yet", "the ID token is of a time to come; compare the clocks");
    }
    if (token.issued_at + kFresh + kSkew < now) {
        return denied("openid.stale", "the ID token was issued too long ago");
    }
    return {};
}

}  // namespace

Result<Key> key_for(const IdToken& token, const std::vector<Key>& keys) {
    const Key* found = nullptr;
    for (const Key& key : keys) {
        if (key.algorithm != token.algorithm || (token.key_id && key.id != *token.key_id)) {
            continue;
        }
        if (found != nullptr) {
            return denied("openid.ambiguous_key", "more than one key of the provider is meant");
        }
        found = &key;
    }
    if (found == nullptr) {
        return failure(
            ErrorKind::NotFound, "openid.unknown_key", "the ID token names no key of the provider");
    }
    return *found;
}

Result<void> judge_id_token(
    const IdToken& token, const Key& key, const Expectation& expected, Instant now) {
    if (!is_signed_by(key, token.signed_text, token.signature)) {
        return denied("openid.bad_signature", "the ID token was not signed by the provider");
    }
    if (token.issuer != expected.issuer) {
        return denied("openid.other_issuer", "the ID token is of another issuer");
    }
    if (!is_for_us(token, expected)) {
        return denied("openid.other_audience", "the ID token is for another client");
    }
    THIMBLE_TRY(judge_times(token, now));
    if (expected.nonce.empty() || token.nonce != expected.nonce) {
        return denied("openid.other_nonce", "the ID token answers another sign-in");
    }
    return {};
}

}  // namespace thimble::openid
