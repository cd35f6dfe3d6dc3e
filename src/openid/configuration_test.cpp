#include "thimble/openid/configuration.hpp"

#include <gtest/gtest.h>

namespace thimble::openid {
namespace {

const std::string kLeast =
    R"("format":"thimble.oidc/1","issuer":"https://login.example/realm","client_id":"thimble")";

std::string code_of(const std::string& more) {
    const auto read = parse_configuration("{" + kLeast + more + "}");
    return read ? "" : read.error().code;
}

}  // namespace

TEST(ParseConfiguration, FillsInWhatIsSafe) {
    const auto read = parse_configuration("{" + kLeast + "}");

    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->issuer, "https://login.example/realm");
    EXPECT_EQ(read->scopes, (std::vector<std::string>{"openid", "profile"}));
    EXPECT_EQ(read->name_claim, "preferred_username");
    EXPECT_FALSE(read->admits_unknown);
    EXPECT_TRUE(read->rules.empty());
}

TEST(ParseConfiguration, ReadsEveryMember) {
    const auto read = parse_configuration(
        "{" + kLeast
        + R"(,"client_secret":{"credential":"oidc"},"address":"https://fleet.example:8443",)"
          R"("authority":"/etc/ca.pem","scopes":["openid","groups"],"trusted_audiences":["x"],)"
          R"("name_claim":"nickname","unknown_people":"admit","rules":[{"claim":"groups",)"
          R"("value":"ops","role":"operator","group":"web"},{"claim":"groups","value":"all",)"
          R"("role":"viewer"}]})");

    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->secret_credential, "oidc");
    EXPECT_EQ(read->address, "https://fleet.example:8443");
    EXPECT_TRUE(read->admits_unknown);
    EXPECT_EQ(
        read->rules,
        (std::vector<Rule>{
            {"groups", "ops", "operator", "web"}, {"groups", "all", "viewer", "*"}}));
}

TEST(ParseConfiguration, RefusesWhatItDoesNotKnowOrWhatIsUnsafe) {
    for (const char* more :
         {R"(,"unknown_person":"admit")",
          R"(,"issuer":"https://twice.example")",
          R"(,"unknown_people":"yes")",
          R"(,"unknown_people":"admit")",
          R"(,"unknown_people":"admit","rules":[])",
          R"(,"client_secret":"plain")",
          R"(,"client_secret":{})",
          R"(,"client_secret":{"file":"relative"})",
          R"(,"client_secret":{"credential":"../up"})",
          R"(,"client_secret":{"file":"/a","credential":"b"})",
          R"(,"address":"http://fleet.example")",
          R"(,"address":"https://fleet.example/path")",
          R"(,"authority":"ca.pem")",
          R"(,"scopes":["profile"])",
          R"(,"scopes":["openid",7])",
          R"(,"rules":[{"claim":"g","value":"v","role":"root"}])",
          R"(,"rules":[{"claim":"g","value":"v","role":"viewer","group":"A B"}])",
          R"(,"rules":[{"claim":"g","value":"v","role":"viewer","groups":"web"}])",
          R"(,"rules":[{"claim":"g","role":"viewer"}])"}) {
        EXPECT_EQ(code_of(more), "openid.bad_configuration") << more;
    }
    for (const char* issuer : {"http://login.example", "https://", "https:///x", "https://a b"}) {
        EXPECT_FALSE(parse_configuration(
            R"({"format":"thimble.oidc/1","client_id":"t","issuer":")" + std::string(issuer)
            + "\"}"))
            << issuer;
    }
    EXPECT_FALSE(parse_configuration(
        R"({"format":"thimble.oidc/2","issuer":"https://login.example","client_id":"t"})"));
}

TEST(RuleFor, TakesTheFirstThatFitsATextOrAList) {
    const std::vector<Rule> rules{
        {"groups", "ops", "operator", "*"}, {"team", "red", "viewer", "*"}};
    const auto role = [&](const char* claims) {
        const auto document = parse_json(claims);
        EXPECT_TRUE(document);
        const Rule* rule = rule_for(*document, rules);
        return rule == nullptr ? std::string() : rule->role;
    };

    EXPECT_EQ(role(R"({"groups":["x","ops"],"team":"red"})"), "operator");
    EXPECT_EQ(role(R"({"groups":["opsx"],"team":"red"})"), "viewer");
    EXPECT_EQ(role(R"({"groups":"ops"})"), "operator");
    EXPECT_EQ(role(R"({"groups":{"ops":true},"team":["re","d"]})"), "");
    EXPECT_EQ(role("{}"), "");
}

}  // namespace thimble::openid
