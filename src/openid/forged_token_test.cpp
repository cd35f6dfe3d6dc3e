// Every token here could be sent by somebody who is not the provider, or was meant for somebody else.
#include "thimble/openid/judge_id_token.hpp"
#include "thimble/openid/signed_token_test.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace thimble::openid {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};

/// The claims of a good token, of which each test spoils one.
struct Claims {
    std::string issuer = R"("https://login.example")";
    std::string audience = R"("thimble")";
    std::string issued = std::to_string(kNow.time_since_epoch().count() - 5);
    std::string expires = std::to_string(kNow.time_since_epoch().count() + 300);
    std::string nonce = R"("n-1")";
    std::string more = {};  // NOLINT(readability-redundant-member-init): g++ warns else

    [[nodiscard]] std::string text() const {
        return R"({"iss":)" + issuer + R"(,"sub":"s-1","aud":)" + audience + R"(,"iat":)" + issued
            + R"(,"exp":)" + expires + R"(,"nonce":)" + nonce + more + "}";
    }
};

const Expectation kExpected{"https://login.example", "thimble", {"friend"}, "n-1"};

/// The whole way of a token; "" when it is believed, else the code of the refusal.
std::string judged(const std::string& token, const std::vector<const TestKey*>& keys) {
    const auto known = parse_key_set(key_set_of(keys));
    EXPECT_TRUE(known);
    const auto read = parse_id_token(token);
    if (!read) {
        return read.error().code;
    }
    const auto key = key_for(*read, *known);
    if (!key) {
        return key.error().code;
    }
    const auto believed = judge_id_token(*read, *key, kExpected, kNow);
    return believed ? "" : believed.error().code;
}

const TestKey& own_key() {
    static const TestKey kKey(Algorithm::Rs256, "k1");
    return kKey;
}
std::string judged(const Claims& claims) {
    return judged(own_key().token(claims.text()), {&own_key()});
}
std::string seconds_from_now(int seconds) {
    return std::to_string(kNow.time_since_epoch().count() + seconds);
}

}  // namespace

TEST(IdToken, OfTheProviderIsBelievedByEachAlgorithm) {
    for (const Algorithm algorithm : {Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa}) {
        const TestKey key(algorithm, "k1");
        EXPECT_EQ(judged(key.token(Claims{}.text()), {&key}), "");
    }
}

TEST(ForgedToken, WithoutASignatureIsRefused) {
    for (const char* name : {"none", "None", "NONE", ""}) {
        const std::string header = R"({"alg":")" + std::string(name) + R"(","kid":"k1"})";
        std::string token = own_key().signed_token(header, Claims{}.text());
        EXPECT_EQ(judged(token, {&own_key()}), "openid.bad_algorithm");
        token.resize(token.rfind('.') + 1);
        EXPECT_EQ(judged(token, {&own_key()}), "openid.bad_algorithm");
    }
    const std::string good = own_key().token(Claims{}.text());
    EXPECT_EQ(judged(good.substr(0, good.rfind('.') + 1), {&own_key()}), "openid.bad_token");
}

TEST(ForgedToken, SignedWithThePublicKeyAsASecretIsRefused) {
    for (const char* name : {"HS256", "HS384", "HS512"}) {
        const std::string header = R"({"alg":")" + std::string(name) + R"(","kid":"k1"})";
        const std::string token = hmac_token(header, Claims{}.text(), own_key().public_text());
        EXPECT_EQ(judged(token, {&own_key()}), "openid.bad_algorithm");
    }
}

TEST(ForgedToken, ThatNamesAKeyOfAnotherKindIsRefused) {
    const TestKey curve(Algorithm::Es256, "k2");
    const std::string header = R"({"alg":"RS256","kid":"k2"})";

    EXPECT_EQ(
        judged(own_key().signed_token(header, Claims{}.text()), {&own_key(), &curve}),
        "openid.unknown_key");
}

TEST(ForgedToken, OfAnotherKeyIsRefused) {
    const TestKey foreign(Algorithm::Rs256, "k1");
    const TestKey unknown(Algorithm::Rs256, "k9");

    EXPECT_EQ(judged(foreign.token(Claims{}.text()), {&own_key()}), "openid.bad_signature");
    EXPECT_EQ(judged(unknown.token(Claims{}.text()), {&own_key()}), "openid.unknown_key");
}

TEST(ForgedToken, ThatBringsItsOwnKeyIsRefused) {
    const TestKey foreign(Algorithm::Rs256, "k1");
    const std::string header = R"({"alg":"RS256","kid":"k1","jwk":)" + foreign.json()
        + R"(,"jku":"https://evil.example/keys","x5u":"https://evil.example/cert"})";

    EXPECT_EQ(
        judged(foreign.signed_token(header, Claims{}.text()), {&own_key()}),
        "openid.bad_signature");
}

TEST(ForgedToken, WithoutAKeysNameIsBelievedOnlyWhenOneKeyCanBeMeant) {
    const TestKey other(Algorithm::Rs256, "k2");
    const std::string token = own_key().signed_token(R"({"alg":"RS256"})", Claims{}.text());

    EXPECT_EQ(judged(token, {&own_key()}), "");
    EXPECT_EQ(judged(token, {&own_key(), &other}), "openid.ambiguous_key");
}

TEST(ForgedToken, WhosePayloadWasAlteredIsRefused) {
    const std::string good = own_key().token(Claims{}.text());
    const std::string other = own_key().token(Claims{.more = R"(,"groups":["admins"])"}.text());
    const std::string mixed = good.substr(0, good.find('.'))
        + other.substr(other.find('.'), other.rfind('.') - other.find('.'))
        + good.substr(good.rfind('.'));

    EXPECT_EQ(judged(mixed, {&own_key()}), "openid.bad_signature");
}

TEST(ForgedToken, OfAnotherIssuerOrAudienceIsRefused) {
    EXPECT_EQ(judged(Claims{.issuer = R"("https://login.example/")"}), "openid.other_issuer");
    EXPECT_EQ(judged(Claims{.issuer = R"("https://evil.example")"}), "openid.other_issuer");
    EXPECT_EQ(judged(Claims{.audience = R"("another")"}), "openid.other_audience");
    EXPECT_EQ(judged(Claims{.audience = R"(["another"])"}), "openid.other_audience");
    EXPECT_EQ(judged(Claims{.audience = "[]"}), "openid.bad_token");
}

TEST(ForgedToken, ForOthersBesidesNeedsTheirTrustAndOurNameAsItsParty) {
    const std::string together = R"(["thimble","friend"])";
    const std::string us = R"(,"azp":"thimble")";

    EXPECT_EQ(judged(Claims{.audience = together}), "openid.other_audience");
    EXPECT_EQ(judged(Claims{.audience = together, .more = us}), "");
    EXPECT_EQ(
        judged(Claims{.audience = together, .more = R"(,"azp":"friend")"}),
        "openid.other_audience");
    EXPECT_EQ(
        judged(Claims{.audience = R"(["thimble","stranger"])", .more = us}),
        "openid.other_audience");
    EXPECT_EQ(judged(Claims{.more = R"(,"azp":"friend")"}), "openid.other_audience");
}

TEST(ForgedToken, OfAnotherTimeIsRefused) {
    EXPECT_EQ(judged(Claims{.expires = seconds_from_now(-60)}), "openid.expired");
    EXPECT_EQ(
        judged(Claims{.issued = seconds_from_now(-120), .expires = seconds_from_now(-60)}),
        "openid.expired");
    EXPECT_EQ(
        judged(Claims{.issued = seconds_from_now(-120), .expires = seconds_from_now(-59)}), "");
    EXPECT_EQ(judged(Claims{.issued = seconds_from_now(61)}), "openid.not_yet");
    EXPECT_EQ(judged(Claims{.more = R"(,"nbf":)" + seconds_from_now(61)}), "openid.not_yet");
    EXPECT_EQ(judged(Claims{.issued = seconds_from_now(-661)}), "openid.stale");
    EXPECT_EQ(judged(Claims{.expires = "1e300"}), "openid.bad_token");
    EXPECT_EQ(judged(Claims{.expires = "\"never\""}), "openid.bad_token");
    EXPECT_EQ(judged(Claims{.expires = "9223372036854775807"}), "openid.bad_token");
    EXPECT_EQ(judged(Claims{.issued = "-1"}), "openid.bad_token");
}

TEST(ForgedToken, OfAnotherSignInIsRefused) {
    EXPECT_EQ(judged(Claims{.nonce = R"("n-2")"}), "openid.other_nonce");
    EXPECT_EQ(judged(Claims{.nonce = R"("")"}), "openid.other_nonce");
    EXPECT_EQ(judged(Claims{.nonce = "null"}), "openid.bad_token");
}

TEST(ForgedToken, ThatSaysAClaimTwiceIsRefused) {
    EXPECT_EQ(judged(Claims{.more = R"(,"sub":"s-2")"}), "openid.bad_token");
    EXPECT_EQ(judged(Claims{.more = R"(,"s\u0075b":"s-2")"}), "openid.bad_token");
    EXPECT_EQ(judged(Claims{.more = R"(,"deep":{"a":1,"a":2})"}), "openid.bad_token");
    EXPECT_EQ(
        judged(
            own_key().signed_token(R"({"alg":"none","alg":"RS256","kid":"k1"})", Claims{}.text()),
            {&own_key()}),
        "openid.bad_token");
}

TEST(ForgedToken, ThatIsHugeOrDeepIsRefused) {
    EXPECT_EQ(
        judged(Claims{.more = R"(,"pad":")" + std::string(40'000, 'x') + "\""}),
        "openid.bad_token");
    EXPECT_EQ(
        judged(Claims{.more = R"(,"deep":)" + std::string(40, '[') + std::string(40, ']')}),
        "openid.bad_token");
    EXPECT_EQ(judged(std::string(4'000'000, '.'), {&own_key()}), "openid.bad_token");
}

TEST(ForgedToken, ThatAsksForAnExtensionOrIsOfAnotherTypeIsRefused) {
    for (const char* header :
         {R"({"alg":"RS256","kid":"k1","crit":["exp"]})",
          R"({"alg":"RS256","kid":"k1","b64":false,"crit":["b64"]})",
          R"({"alg":"RS256","kid":"k1","typ":"at+jwt"})",
          R"({"alg":"RS256","kid":7})",
          R"({"alg":["RS256"],"kid":"k1"})",
          R"(["RS256"])"}) {
        EXPECT_EQ(
            judged(own_key().signed_token(header, Claims{}.text()), {&own_key()}),
            "openid.bad_token")
            << header;
    }
}

TEST(ForgedToken, WhoseSubjectIsNoneIsRefused) {
    for (const std::string& subject :
         {std::string(R"("")"),
          std::string("null"),
          std::string("7"),
          std::string(R"("a\u0000b")"),
          "\"" + std::string(256, 's') + "\""}) {
        const std::string claims = R"({"iss":"https://login.example","sub":)" + subject
            + R"(,"aud":"thimble","iat":)" + seconds_from_now(0) + R"(,"exp":)"
            + seconds_from_now(60) + R"(,"nonce":"n-1"})";
        EXPECT_EQ(judged(own_key().token(claims), {&own_key()}), "openid.bad_token") << subject;
    }
}

RC_GTEST_PROP(ForgedToken, ThatDiffersInAnyByteIsRefused, ()) {
    static const TestKey kKey(Algorithm::EdDsa, "k1");
    static const std::string kGood = kKey.token(Claims{}.text());
    std::string token = kGood;
    const auto at = *rc::gen::inRange<std::size_t>(0, token.size());
    const char other = *rc::gen::elementOf(
        std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= "));
    RC_PRE(other != token[at]);

    token[at] = other;

    RC_ASSERT(judged(token, {&kKey}) != "");
}

RC_GTEST_PROP(ForgedToken, ThatWasCutAnywhereIsRefused, ()) {
    const std::string good = own_key().token(Claims{}.text());
    const auto size = *rc::gen::inRange<std::size_t>(0, good.size());

    RC_ASSERT(judged(good.substr(0, size), {&own_key()}) != "");
}

}  // namespace thimble::openid
