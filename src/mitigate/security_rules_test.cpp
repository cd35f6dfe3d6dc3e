#include "thimble/mitigate/security_rules.hpp"

#include <gtest/gtest.h>

namespace thimble::mitigate {
namespace {

VirtualPatch blocked_page() {
    VirtualPatch patch;
    patch.name = "no-setup";
    patch.covers = {"CVE-2024-0001"};
    patch.methods = {"GET", "POST"};
    patch.path_match = PathMatch::Exact;
    patch.path = "/Setup.php";
    patch.attack = AttackClass::BlockedEndpoint;
    patch.first_id = 70'100;
    return patch;
}

TEST(SecurityRules, AreAChainOfPlaceAndAttackWithTagsAndAnIdOfOurs) {
    EXPECT_EQ(
        *security_rules(blocked_page(), RuleMode::Block),
        "# Virtual patch no-setup for CVE-2024-0001, by Thimble: made again from its file, not "
        "edited.\n"
        "SecRule REQUEST_METHOD \"@rx ^(?:GET|POST)$\" "
        "\"id:70100,phase:1,deny,status:403,log,auditlog,"
        "msg:'virtual patch "
        "no-setup',severity:'CRITICAL',tag:'thimble/no-setup',tag:'CVE-2024-0001',"
        "t:none,chain\"\n"
        "    SecRule REQUEST_FILENAME \"@rx ^\\/setup\\.php/*(?:;.*)?$\" "
        "\"t:none,t:urlDecodeUni,t:normalizePath,t:lowercase\"\n");
}

TEST(SecurityRules, OfDetectionPass) {
    const std::string rules = *security_rules(blocked_page(), RuleMode::Detect);
    EXPECT_NE(rules.find(",pass,"), std::string::npos);
    EXPECT_EQ(rules.find("deny"), std::string::npos);
}

TEST(SecurityRules, RefuseWhatNotEveryEngineReads) {
    VirtualPatch patch = blocked_page();
    patch.attack = AttackClass::Pattern;
    patch.targets = {{RequestPart::Arguments, "q"}};
    for (const std::string pattern : {"a(?=b)", "(?<!x)a", "(a)\\1", "%{ENV:HOME}"}) {
        patch.pattern = pattern;
        EXPECT_EQ(security_rules(patch, RuleMode::Block).error().code, "mitigate.bad_pattern")
            << pattern;
    }
}

TEST(SecurityRules, RefuseBroughtRulesThatDoMoreThanJudge) {
    VirtualPatch patch = blocked_page();
    patch.attack = AttackClass::OwnRules;
    for (const std::string rules :
         {"SecRuleEngine Off\n",
          "  SecRuleRemoveById 1-999999\n",
          "Include /etc/passwd\n",
          "SecRule ARGS \"@rx a\" \"id:200001,phase:2,deny\"\n",
          "SecAction \"id:'70110',phase:1,pass\"\n",
          "SecRule ARGS \"@rx a\" \"id:70100,phase:2,deny,EXEC:/bin/x\"\n",
          "SecRule ARGS \"@rx a\" \"id:70100,phase:2,deny,ex\\\nec:/bin/x\"\n",
          "SecRule ARGS \"@rx a\" \"id:70100,phase:1,allow\"\n",
          "SecRule ARGS \"@rx a\" \"id:70100,phase:1,pass,ctl:ruleEngine=Off\"\n",
          "SecRule ARGS \"@pmFromFile /etc/shadow\" \"id:70100,phase:1,deny\"\n",
          "secruleremovebyid 1-69999\n",
          "SECRULESCRIPT /tmp/x.lua \"id:70100,deny\"\n",
          "SecRule ARGS \"@rx a\" \"id:70100,phase:2,deny\"\nCustomLog \"|/bin/x\" common\n",
          "# SecRule ARGS \\ \nCustomLog \"|/bin/x\" common\n",
          "SecRule ARGS \"@rx a\" \"id:70100,phase:2,pass,skipAfter:END\"\n",
          "SecAction \"id:70100,phase:1,pass,setvar:tx.inbound_anomaly_score_threshold=9999\"\n",
          "Sec\\\nRuleEngine Off\n"}) {
        patch.rules = rules;
        EXPECT_EQ(security_rules(patch, RuleMode::Block).error().code, "mitigate.bad_rules")
            << rules;
    }
}

}  // namespace
}  // namespace thimble::mitigate
