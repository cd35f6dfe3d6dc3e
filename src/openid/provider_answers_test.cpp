#include "thimble/openid/provider_answers.hpp"

#include <gtest/gtest.h>

namespace thimble::openid {
namespace {

std::string described(
    const std::string& more = "", const std::string& token = "https://l.example/t") {
    return R"({"issuer":"https://l.example","authorization_endpoint":"https://l.example/a",)"
           R"("jwks_uri":"https://l.example/k","token_endpoint":")"
        + token + "\"" + more + "}";
}

std::string code_of(const std::string& text, const char* issuer = "https://l.example") {
    const auto read = parse_discovery(text, issuer);
    return read ? "" : read.error().code;
}

}  // namespace

TEST(ParseDiscovery, ReadsWhereTheEndpointsAre) {
    const auto read = parse_discovery(described(), "https://l.example");

    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(
        *read,
        (Discovery{
            "https://l.example/a", "https://l.example/t", "https://l.example/k", true, false}));
}

TEST(ParseDiscovery, TellsHowASecretIsShown) {
    const auto in_header = [](const std::string& methods) {
        const auto read = parse_discovery(
            described(R"(,"token_endpoint_auth_methods_supported":)" + methods),
            "https://l.example");
        EXPECT_TRUE(read);
        return read && read->takes_secret_in_header;
    };

    EXPECT_TRUE(in_header(R"(["client_secret_post","client_secret_basic"])"));
    EXPECT_FALSE(in_header(R"(["client_secret_post"])"));
    EXPECT_EQ(
        code_of(described(R"(,"token_endpoint_auth_methods_supported":["private_key_jwt"])")),
        "openid.bad_discovery");
}

TEST(ParseDiscovery, RefusesAnotherIssuerAndWhatIsNotOnHttps) {
    EXPECT_EQ(code_of(described(), "https://l.example/"), "openid.bad_discovery");
    EXPECT_EQ(code_of(described("", "http://l.example/t")), "openid.bad_discovery");
    EXPECT_EQ(code_of(described("", "https://l.example/t\\r\\nX: y")), "openid.bad_discovery");
    EXPECT_EQ(code_of(described(R"(,"issuer":"https://l.example")")), "openid.bad_json");
    EXPECT_EQ(code_of(R"({"issuer":"https://l.example"})"), "openid.bad_discovery");
    EXPECT_EQ(code_of("<html>"), "openid.bad_json");
}

TEST(ParseTokenAnswer, TakesTheIdTokenAlone) {
    EXPECT_EQ(*parse_token_answer(R"({"access_token":"a","id_token":"x.y.z"})"), "x.y.z");
    EXPECT_EQ(parse_token_answer(R"({"access_token":"a"})").error().code, "openid.bad_answer");
    EXPECT_EQ(
        parse_token_answer(R"({"id_token":"a","id_token":"b"})").error().code, "openid.bad_json");
}

}  // namespace thimble::openid
