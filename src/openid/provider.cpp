#include "thimble/openid/provider.hpp"

#include "thimble/openid/id_token.hpp"
#include "thimble/openid/judge_id_token.hpp"

#include <utility>

namespace thimble::openid {
namespace {

constexpr std::chrono::hours kDiscoveryAge{1};
constexpr std::chrono::seconds kDiscoveryPause{10};
constexpr std::chrono::minutes kKeysPause{1};
constexpr std::size_t kMaxCodeBytes = 2048;
constexpr std::string_view kWellKnown = "/.well-known/openid-configuration";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with padding (RFC 4648, section 4).
std::string base64_of(std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t three = 0;
        for (std::size_t next = at; next < at + 3; ++next) {
            three =
                three << 8U | (next < bytes.size() ? static_cast<unsigned char>(bytes[next]) : 0U);
        }
        out += kBase64[three >> 18U & 0x3FU];
        out += kBase64[three >> 12U & 0x3FU];
        out += at + 1 < bytes.size() ? kBase64[three >> 6U & 0x3FU] : '=';
        out += at + 2 < bytes.size() ? kBase64[three & 0x3FU] : '=';
    }
    return out;
}

/// Whether something may be asked again.
bool is_past(Instant asked_at, std::chrono::seconds pause, Instant now) {
    return asked_at == Instant{} || now - asked_at >= pause || now < asked_at;
}

std::string without_slash(std::string text) {
    while (text.ends_with('/')) {
        text.pop_back();
    }
    return text;
}

}  // namespace

Provider::Provider(Configuration configuration, std::string secret, std::string callback, Web& web)
    : configuration_(std::move(configuration)),
      secret_(std::move(secret)),
      callback_(std::move(callback)),
      web_(web) {}

Result<Discovery> Provider::discovery(Instant now) {
    const bool is_old = is_past(discovery_asked_at_, kDiscoveryAge, now);
    if (discovery_ && !is_old) {
        return *discovery_;
    }
    if (!is_past(discovery_asked_at_, kDiscoveryPause, now)) {
        return failure(
            ErrorKind::Unavailable,
            "openid.no_answer",
            "the provider did not answer a moment ago; try again in 10 s");
    }
    discovery_asked_at_ = now;
    auto fresh = described();
    if (fresh) {
        discovery_ = *std::move(fresh);
    } else if (!discovery_) {
        return fresh;
    }
    return *discovery_;
}

Result<Discovery> Provider::described() {
    THIMBLE_TRY(
        const std::string text,
        web_.get(without_slash(configuration_.issuer) + std::string(kWellKnown)));
    return parse_discovery(text, configuration_.issuer);
}

Result<std::string> Provider::authorization_address(const Attempt& attempt, Instant now) {
    THIMBLE_TRY(const Discovery found, discovery(now));
    std::string scope;
    for (const std::string& one : configuration_.scopes) {
        scope.append(scope.empty() ? "" : " ").append(one);
    }
    return address_with(
        found.authorization_endpoint,
        {{"response_type", "code"},
         {"client_id", configuration_.client_id},
         {"redirect_uri", callback_},
         {"scope", scope},
         {"state", attempt.state},
         {"nonce", attempt.nonce},
         {"code_challenge", attempt.challenge},
         {"code_challenge_method", "S256"}});
}

Result<std::string> Provider::exchange(
    const Discovery& discovery, const std::string& code, const Attempt& attempt) {
    std::vector<std::pair<std::string, std::string>> form{
        {"grant_type", "authorization_code"},
        {"code", code},
        {"redirect_uri", callback_},
        {"code_verifier", attempt.verifier}};
    std::string authorization;
    if (!secret_.empty() && discovery.takes_secret_in_header) {
        // RFC 6749, section 2.3.1: both are encoded as in a form first.
        authorization = "Basic "
            + base64_of(form_encoded(configuration_.client_id) + ":" + form_encoded(secret_));
    } else {
        form.emplace_back("client_id", configuration_.client_id);
        if (!secret_.empty()) {
            form.emplace_back("client_secret", secret_);
        }
    }
    THIMBLE_TRY(
        const std::string answer,
        web_.post(discovery.token_endpoint, form_of(form), authorization));
    return parse_token_answer(answer);
}

Result<void> Provider::refresh_keys(const std::string& address, Instant now) {
    if (!is_past(keys_asked_at_, kKeysPause, now)) {
        return failure(
            ErrorKind::Denied,
            "openid.unknown_key",
            "the ID token names no key of the provider, whose keys were read within a minute");
    }
    keys_asked_at_ = now;
    THIMBLE_TRY(const std::string text, web_.get(address));
    THIMBLE_TRY(keys_, parse_key_set(text));
    return {};
}

Result<Identity> Provider::identity_of(
    const Return& returned, const Attempt& attempt, Instant now) {
    THIMBLE_TRY(const Discovery found, discovery(now));
    const bool names_another = !returned.issuer.empty() && returned.issuer != configuration_.issuer;
    if (names_another || (returned.issuer.empty() && found.names_itself_in_answers)) {
        return failure(
            ErrorKind::Denied, "openid.other_issuer", "the answer is of another provider");
    }
    if (returned.code.empty() || returned.code.size() > kMaxCodeBytes) {
        return failure(ErrorKind::Invalid, "openid.no_code", "the provider gave no code");
    }
    THIMBLE_TRY(const std::string text, exchange(found, returned.code, attempt));
    THIMBLE_TRY(IdToken token, parse_id_token(text));
    auto key = key_for(token, keys_);
    if (!key && key.error().kind == ErrorKind::NotFound) {
        THIMBLE_TRY(refresh_keys(found.keys, now));
        key = key_for(token, keys_);
    }
    if (!key) {
        return std::move(key).error();
    }
    const Expectation expected{
        configuration_.issuer,
        configuration_.client_id,
        configuration_.trusted_audiences,
        attempt.nonce};
    THIMBLE_TRY(judge_id_token(token, *key, expected, now));
    return Identity{std::move(token.issuer), std::move(token.subject), std::move(token.claims)};
}

}  // namespace thimble::openid
