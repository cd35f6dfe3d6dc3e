#include "thimble/openid/key_set.hpp"

#include "thimble/openid/key_signature.hpp"
#include "thimble/openid/signed_token_test.hpp"

#include <gtest/gtest.h>

namespace thimble::openid {

TEST(ParseKeySet, ReadsTheThreeKindsInTheirOrder) {
    const TestKey rsa(Algorithm::Rs256, "r");
    const TestKey curve(Algorithm::Es256, "c");
    const TestKey edwards(Algorithm::EdDsa, "e");

    const auto keys = parse_key_set(key_set_of({&rsa, &curve, &edwards}));

    ASSERT_TRUE(keys);
    ASSERT_EQ(keys->size(), 3U);
    EXPECT_EQ((*keys)[0].id, "r");
    EXPECT_EQ((*keys)[1].algorithm, Algorithm::Es256);
    EXPECT_EQ((*keys)[2].algorithm, Algorithm::EdDsa);
}

TEST(ParseKeySet, LeavesOutAloneWhatIsNotForSignaturesOrWeak) {
    const TestKey good(Algorithm::Es256, "good");
    const std::string short_modulus = protocol::format_base64url(std::string(128, '\x81'));
    const std::string light_modulus = protocol::format_base64url(std::string(256, '\x41'));
    const std::string modulus = protocol::format_base64url(std::string(256, '\x81'));
    const std::string half = protocol::format_base64url(std::string(31, '\x01'));
    const std::vector<std::string> bad{
        R"({"kty":"oct","k":"c2VjcmV0","alg":"HS256"})",
        R"({"kty":"RSA","e":"AQAB","n":")" + short_modulus + "\"}",
        R"({"kty":"RSA","e":"AQAB","n":")" + light_modulus + "\"}",
        R"({"kty":"RSA","e":"AQ","n":")" + modulus + "\"}",
        R"({"kty":"RSA","e":"AQAC","n":")" + modulus + "\"}",
        R"({"kty":"RSA","e":"AQAB","alg":"RS512","n":")" + modulus + "\"}",
        R"({"kty":"RSA","e":"AQAB","use":"enc","n":")" + modulus + "\"}",
        R"({"kty":"RSA","e":"AQAB","key_ops":["encrypt"],"n":")" + modulus + "\"}",
        R"({"kty":"EC","crv":"P-384","x":")" + half + R"(","y":")" + half + "\"}",
        R"({"kty":"EC","crv":"P-256","x":")" + half + R"(","y":")" + half + "\"}",
        R"({"kty":"OKP","crv":"X25519","x":")" + half + "AA\"}",
        "7",
        "{}"};
    std::string text = R"({"keys":[)";
    for (const std::string& key : bad) {
        text += key + ",";
    }

    const auto keys = parse_key_set(text + good.json() + "]}");

    ASSERT_TRUE(keys) << keys.error().text();
    ASSERT_EQ(keys->size(), 1U);
    EXPECT_EQ(keys->front().id, "good");
}

TEST(ParseKeySet, RefusesWhatIsNoneOrTooMuch) {
    EXPECT_EQ(parse_key_set("[]").error().code, "openid.bad_json");
    EXPECT_EQ(parse_key_set("{}").error().code, "openid.bad_key_set");
    EXPECT_EQ(parse_key_set(R"({"keys":[],"keys":[]})").error().code, "openid.bad_json");
    EXPECT_EQ(parse_key_set(std::string(300'000, ' ')).error().code, "openid.bad_json");
    std::string many = R"({"keys":[{})";
    for (int i = 0; i < 64; ++i) {
        many += ",{}";
    }
    EXPECT_EQ(parse_key_set(many + "]}").error().code, "openid.bad_key_set");
}

TEST(IsSignedBy, KnowsAPointThatIsNotOnTheCurve) {
    const Key key{Algorithm::Es256, "k", std::string(32, '\x01'), std::string(32, '\x02')};

    EXPECT_FALSE(is_signed_by(key, "text", std::string(64, '\x01')));
}

TEST(IsSignedBy, TakesNoDerAndNoOtherLength) {
    const TestKey key(Algorithm::Es256, "k");
    const auto keys = parse_key_set(key_set_of({&key}));
    ASSERT_TRUE(keys);

    for (const std::size_t size : {0U, 63U, 65U, 70U, 72U}) {
        EXPECT_FALSE(is_signed_by(keys->front(), "text", std::string(size, '\x01')));
    }
    EXPECT_FALSE(is_signed_by(keys->front(), "text", std::string(64, '\0')));
}

}  // namespace thimble::openid
