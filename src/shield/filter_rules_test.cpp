#include "thimble/shield/filter_rules.hpp"

#include <gtest/gtest.h>

namespace thimble::shield {
namespace {

using mitigate::Isolation;
using mitigate::Segmentation;
using mitigate::Transport;

Segmentation segmentation() {
    Segmentation settings;
    settings.listeners = {{Transport::Tcp, 8080}, {Transport::Udp, 53}, {Transport::Tcp, 9090}};
    settings.allow = {"10.0.0.0/8", "2001:db8::/32"};
    settings.keep = {{Transport::Tcp, "192.0.2.5", 8443}};
    return settings;
}

TEST(FilterRules, OfASegmentationGuardPortsBeforeAddressesAreTranslated) {
    EXPECT_EQ(
        filter_rules("c-1", segmentation()),
        "add table inet thimble_c-1\n"
        "delete table inet thimble_c-1\n"
        "table inet thimble_c-1 {\n"
        "  set allowed4 { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/8 } }\n"
        "  set allowed6 { type ipv6_addr; flags interval; auto-merge; elements = { 2001:db8::/32 } "
        "}\n"
        "  chain sources {\n"
        "    ip saddr @allowed4 accept\n"
        "    ip6 saddr @allowed6 accept\n"
        "    counter drop\n"
        "  }\n"
        "  chain incoming {\n"
        "    type filter hook prerouting priority -150; policy accept;\n"
        "    iif lo accept\n"
        "    ip saddr 192.0.2.5 tcp sport 8443 accept\n"
        "    fib daddr type local tcp dport { 8080, 9090 } jump sources\n"
        "    fib daddr type local udp dport { 53 } jump sources\n"
        "  }\n"
        "}\n");
}

TEST(FilterRules, OfAnIsolationDropWhatIsNotNamedBothWays) {
    Isolation settings;
    settings.keep = {{Transport::Tcp, "2001:db8::5", 8443}};
    settings.manage = {{Transport::Tcp, 22, {"10.0.0.0/24"}}};

    const std::string rules = filter_rules("c-1", settings);

    for (const char* line :
         {"hook prerouting priority -150; policy drop;",
          "hook output priority -150; policy drop;",
          "ip6 saddr 2001:db8::5 tcp sport 8443 accept",
          "ip6 daddr 2001:db8::5 tcp dport 8443 accept",
          "ip saddr @manage0v4 tcp dport 22 accept",
          "ip daddr @manage0v4 tcp sport 22 accept",
          "set manage0v4 { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/24 } "
          "}"}) {
        EXPECT_NE(rules.find(line), std::string::npos) << line << " in\n" << rules;
    }
}

constexpr const char* kListing =
    R"({"nftables":[{"metainfo":{"version":"1.0.6"}},{"table":{"family":"inet","name":"t","handle":4}},)"
    R"({"rule":{"chain":"c","handle":8,"expr":[{"counter":{"packets":3,"bytes":9}},{"drop":null}]}}]})";

TEST(RulesInForce, LeaveOutWhatChangesByItself) {
    EXPECT_EQ(
        rules_in_force(kListing).value(),
        R"([{"table":{"family":"inet","name":"t"}},)"
        R"({"rule":{"chain":"c","expr":[{"counter":null},{"drop":null}]}}])");
}

TEST(RulesInForce, DifferWhenARuleDoes) {
    std::string other = kListing;
    other.replace(other.find("drop"), 4, "xxxx");

    EXPECT_NE(rules_in_force(kListing).value(), rules_in_force(other).value());
    EXPECT_FALSE(rules_in_force("{}").has_value());
    EXPECT_FALSE(rules_in_force(std::string(kMaxListingBytes + 1, ' ')).has_value());
}

}  // namespace
}  // namespace thimble::shield
