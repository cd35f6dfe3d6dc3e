#include "thimble/mitigate/detection_rules.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/base/parse_yaml.hpp"
#include "thimble/mitigate/parse_virtual_patch.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace thimble::mitigate {
namespace {

VirtualPatch traversal() {
    VirtualPatch patch;
    patch.name = "download";
    patch.covers = {"CVE-2021-41773"};
    patch.methods = {"GET"};
    patch.path_match = PathMatch::Prefix;
    patch.path = "/download";
    patch.attack = AttackClass::Pattern;
    patch.pattern = R"((?:\.\./|";'x))";
    patch.targets = {{RequestPart::Arguments, "file"}};
    patch.first_id = 70110;
    return patch;
}

TEST(SigmaRule, SearchesTheLogOfAWebServer) {
    const auto rule = sigma_rule(traversal());

    ASSERT_TRUE(rule.has_value());
    EXPECT_EQ(
        *rule,
        "title: 'Attack that the virtual patch download stops'\n"
        "status: experimental\n"
        "description: 'Made by Thimble from the description of a virtual patch'\n"
        "logsource:\n  category: webserver\ndetection:\n"
        "  place:\n    cs-method:\n      - 'GET'\n    cs-uri-stem|startswith: '/download'\n"
        "  attack_cs_uri_query:\n    cs-uri-query|re|i:\n      - '(?:\\.\\./|\";''x)'\n"
        "  condition: place and 1 of attack_*\nlevel: high\ntags:\n  - cve.2021-41773\n");
}

TEST(SigmaRule, SaysWhatNoLogHas) {
    VirtualPatch body = traversal();
    body.targets = {{RequestPart::Body, ""}};

    EXPECT_EQ(sigma_rule(body).error().code, "mitigate.not_in_logs");
}

TEST(SuricataRules, HaveSidsOfTheirOwnAndNothingThatEndsThemEarly) {
    const auto rules = suricata_rules(traversal());

    ASSERT_TRUE(rules.has_value());
    EXPECT_EQ(
        *rules,
        "alert http any any -> any any (msg:\"Thimble download\"; flow:established,to_server; "
        "http.method; content:\"GET\"; http.uri; content:\"/download\"; startswith; nocase; "
        "http.request_body; pcre:\"/(?:\\.\\.\\x2f|\\x22\\x3b'x)/i\"; "
        "classtype:web-application-attack; reference:cve,2021-41773; sid:1701100; rev:1;)\n"
        "alert http any any -> any any (msg:\"Thimble download\"; flow:established,to_server; "
        "http.method; content:\"GET\"; http.uri; content:\"/download\"; startswith; nocase; "
        "http.uri; pcre:\"/(?:\\.\\.\\x2f|\\x22\\x3b'x)/i\"; "
        "classtype:web-application-attack; reference:cve,2021-41773; sid:1701101; rev:1;)\n");
}

TEST(DetectionRules, AreMadeOfEveryExampleOrSayWhyNot) {
    int made = 0;
    for (const auto& entry : std::filesystem::directory_iterator(THIMBLE_TESTDATA "/patches")) {
        std::ifstream file(entry.path());
        const std::string text(std::istreambuf_iterator<char>(file), {});
        const auto patch = parse_virtual_patch(text);
        ASSERT_TRUE(patch.has_value());
        if (const auto rule = sigma_rule(*patch)) {
            EXPECT_TRUE(parse_yaml(*rule).has_value()) << *rule;
            ++made;
        }
        static_cast<void>(suricata_rules(*patch));
    }
    EXPECT_GE(made, 4);
}

}  // namespace
}  // namespace thimble::mitigate
