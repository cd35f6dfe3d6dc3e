#include "thimble/openid/provider.hpp"

#include "thimble/openid/signed_token_test.hpp"

#include <gtest/gtest.h>

namespace thimble::openid {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
constexpr std::chrono::seconds kSecond{1};

/// A provider in memory, behind the port.
class ScriptedWeb final : public Web {
public:
    std::string description =
        R"({"issuer":"https://l.example","authorization_endpoint":"https://l.example/a",)"
        R"("token_endpoint":"https://l.example/t","jwks_uri":"https://l.example/k"})";
    std::string keys = R"({"keys":[]})";
    std::string token;
    bool answers = true;
    int descriptions_asked = 0;
    int keys_asked = 0;
    std::string form;
    std::string authorization;

    Result<std::string> get(const std::string& address) override {
        const bool is_keys = address == "https://l.example/k";
        ++(is_keys ? keys_asked : descriptions_asked);
        if (!answers) {
            return failure(ErrorKind::Unavailable, "openid.no_answer", "down");
        }
        EXPECT_TRUE(is_keys || address == "https://l.example/.well-known/openid-configuration")
            << address;
        return is_keys ? keys : description;
    }
    Result<std::string> post(
        const std::string& address, const std::string& posted, const std::string& given) override {
        EXPECT_EQ(address, "https://l.example/t");
        form = posted;
        authorization = given;
        return R"({"id_token":")" + token + "\"}";
    }
};

Configuration configured() {
    const auto read = parse_configuration(
        R"({"format":"thimble.oidc/1","issuer":"https://l.example","client_id":"thim ble"})");
    EXPECT_TRUE(read);
    return *read;
}

std::string claims_of(const Attempt& attempt, Instant now) {
    const auto seconds = now.time_since_epoch().count();
    return R"({"iss":"https://l.example","sub":"s-1","aud":"thim ble","nonce":")" + attempt.nonce
        + R"(","iat":)" + std::to_string(seconds) + R"(,"exp":)" + std::to_string(seconds + 300)
        + "}";
}

struct Scene {
    ScriptedWeb web;
    Provider provider{configured(), "s:cret", "https://fleet.example/sso/callback", web};
    TestKey key{Algorithm::EdDsa, "k1"};
    Attempt attempt = attempt_of("browser");

    Scene() {
        web.keys = key_set_of({&key});
        web.token = key.token(claims_of(attempt, kNow));
    }
    std::string code_at(Instant now) {
        web.token = key.token(claims_of(attempt, now));
        const auto identity = provider.identity_of({"code", ""}, attempt, now);
        return identity ? "" : identity.error().code;
    }
};

}  // namespace

TEST(Provider, SendsTheBrowserThereWithStateNonceAndChallenge) {
    Scene scene;

    const auto address = scene.provider.authorization_address(scene.attempt, kNow);

    ASSERT_TRUE(address) << address.error().text();
    EXPECT_EQ(
        *address,
        "https://l.example/a?response_type=code&client_id=thim%20ble&redirect_uri="
        "https%3A%2F%2Ffleet.example%2Fsso%2Fcallback&scope=openid%20profile&state="
            + scene.attempt.state + "&nonce=" + scene.attempt.nonce
            + "&code_challenge=" + scene.attempt.challenge + "&code_challenge_method=S256");
}

TEST(Provider, TellsWhoSomebodyIs) {
    Scene scene;

    const auto identity = scene.provider.identity_of({"c/1", ""}, scene.attempt, kNow);

    ASSERT_TRUE(identity) << identity.error().text();
    EXPECT_EQ(identity->issuer, "https://l.example");
    EXPECT_EQ(identity->subject, "s-1");
    EXPECT_EQ(
        scene.web.form,
        "grant_type=authorization_code&code=c%2F1&redirect_uri="
        "https%3A%2F%2Ffleet.example%2Fsso%2Fcallback&code_verifier="
            + scene.attempt.verifier);
    EXPECT_EQ(scene.web.authorization, "Basic dGhpbSUyMGJsZTpzJTNBY3JldA==");
}

TEST(Provider, ShowsItsSecretInTheFormOnlyWhereNothingElseIsTaken) {
    Scene scene;
    scene.web.description.insert(
        1, R"("token_endpoint_auth_methods_supported":["client_secret_post"],)");

    ASSERT_EQ(scene.code_at(kNow), "");

    EXPECT_TRUE(scene.web.authorization.empty());
    EXPECT_TRUE(scene.web.form.ends_with("&client_id=thim%20ble&client_secret=s%3Acret"));
}

TEST(Provider, AsksForNewKeysAtMostOnceAMinute) {
    Scene scene;
    ASSERT_EQ(scene.code_at(kNow), "");
    scene.key = TestKey(Algorithm::EdDsa, "k2");
    scene.web.keys = key_set_of({&scene.key});

    EXPECT_EQ(scene.code_at(kNow + 59 * kSecond), "openid.unknown_key");
    EXPECT_EQ(scene.web.keys_asked, 1);
    EXPECT_EQ(scene.code_at(kNow + 60 * kSecond), "");
    EXPECT_EQ(scene.web.keys_asked, 2);
    scene.key = TestKey(Algorithm::EdDsa, "k3");
    for (int second = 60; second < 120; ++second) {
        EXPECT_EQ(scene.code_at(kNow + second * kSecond), "openid.unknown_key");
    }
    EXPECT_EQ(scene.web.keys_asked, 2);
}

TEST(Provider, KeepsWhatItKnowsWhileTheProviderIsAway) {
    Scene scene;
    ASSERT_TRUE(scene.provider.authorization_address(scene.attempt, kNow));
    scene.web.answers = false;

    EXPECT_TRUE(scene.provider.authorization_address(scene.attempt, kNow + std::chrono::hours(2)));
    EXPECT_EQ(scene.web.descriptions_asked, 2);
}

TEST(Provider, AsksAProviderThatIsAwayAtMostEveryTenSeconds) {
    Scene scene;
    scene.web.answers = false;
    for (int second = 0; second < 20; ++second) {
        EXPECT_EQ(
            scene.provider.authorization_address(scene.attempt, kNow + second * kSecond)
                .error()
                .code,
            "openid.no_answer");
    }
    EXPECT_EQ(scene.web.descriptions_asked, 2);
}

TEST(Provider, RefusesAnAnswerOfAnotherProvider) {
    Scene scene;

    EXPECT_EQ(
        scene.provider.identity_of({"c", "https://evil.example"}, scene.attempt, kNow).error().code,
        "openid.other_issuer");
    EXPECT_TRUE(scene.provider.identity_of({"c", "https://l.example"}, scene.attempt, kNow));
}

TEST(Provider, NeedsTheIssuerInTheAnswerWhereTheProviderPromisesIt) {
    Scene scene;
    scene.web.description.insert(1, R"("authorization_response_iss_parameter_supported":true,)");

    EXPECT_EQ(scene.code_at(kNow), "openid.other_issuer");
}

TEST(Provider, RefusesATokenOfAnotherAttempt) {
    Scene scene;
    scene.web.token = scene.key.token(claims_of(attempt_of("another browser"), kNow));

    EXPECT_EQ(
        scene.provider.identity_of({"c", ""}, scene.attempt, kNow).error().code,
        "openid.other_nonce");
}

}  // namespace thimble::openid
