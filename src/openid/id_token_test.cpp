#include "thimble/openid/id_token.hpp"

#include "thimble/openid/signed_token_test.hpp"

#include <gtest/gtest.h>

namespace thimble::openid {
namespace {

const std::string kClaims =
    R"({"iss":"https://login.example","sub":"s-1","aud":["a","b"],"azp":"a",)"
    R"("iat":1790000000,"nbf":1790000001,"exp":1790000300,"nonce":"n","groups":["x"]})";

}  // namespace

TEST(ParseIdToken, ReadsEveryClaimThatCounts) {
    const TestKey key(Algorithm::EdDsa, "k1");

    const auto token = parse_id_token(key.token(kClaims));

    ASSERT_TRUE(token) << token.error().text();
    EXPECT_EQ(token->algorithm, Algorithm::EdDsa);
    EXPECT_EQ(token->key_id, "k1");
    EXPECT_EQ(token->issuer, "https://login.example");
    EXPECT_EQ(token->subject, "s-1");
    EXPECT_EQ(token->audiences, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(token->authorized_party, "a");
    EXPECT_EQ(token->nonce, "n");
    EXPECT_EQ(format_instant(token->issued_at), "2026-09-21T14:13:20Z");
    EXPECT_EQ(*token->not_before - token->issued_at, std::chrono::seconds(1));
    EXPECT_EQ(token->expires_at - token->issued_at, std::chrono::seconds(300));
    EXPECT_NE(member_of(token->claims, "groups"), nullptr);
}

TEST(ParseIdToken, TakesOnlyTheOneSpellingOfItsBytes) {
    const TestKey key(Algorithm::EdDsa, "k1");
    const std::string good = key.token(kClaims);

    for (const std::string& spelling : {good + "=", good + "==", " " + good, good + "\n"}) {
        EXPECT_EQ(parse_id_token(spelling).error().code, "openid.bad_token");
    }
    EXPECT_EQ(parse_id_token(good + ".x").error().code, "openid.bad_token");
    EXPECT_EQ(parse_id_token("").error().code, "openid.bad_token");
}

TEST(ParseIdToken, MissesEveryClaimThatMustBeThere) {
    const TestKey key(Algorithm::EdDsa, "k1");
    for (const std::string name : {"iss", "sub", "aud", "iat", "exp", "nonce"}) {
        std::string claims = kClaims;
        claims.replace(claims.find("\"" + name + "\""), name.size() + 2, "\"other\"");

        EXPECT_EQ(parse_id_token(key.token(claims)).error().code, "openid.bad_token") << name;
    }
}

}  // namespace thimble::openid
