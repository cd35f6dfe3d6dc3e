#include "thimble/shield/filter_rules.hpp"

#include "thimble/mitigate/address_prefix.hpp"

#include <algorithm>
#include <vector>

namespace thimble::shield {
namespace {

using mitigate::GuardedPort;
using mitigate::KeptServer;
using mitigate::Management;
using mitigate::Transport;

/// Behind the kernel's own defragmentation, before destinations are translated (-100).
constexpr std::string_view kIncoming = "type filter hook prerouting priority -150; policy ";
constexpr std::string_view kOutgoing = "type filter hook output priority -150; policy ";

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) {
        all += (all.empty() ? "" : ", ") + text;
    }
    return all;
}

/// A set of the prefixes of one family, which may overlap; empty sets are written as such.
std::string set_of(std::string_view name, const std::vector<std::string>& prefixes, bool ipv6) {
    std::vector<std::string> ours;
    std::ranges::copy_if(prefixes, std::back_inserter(ours), [&](const std::string& prefix) {
        return mitigate::is_ipv6(prefix) == ipv6;
    });
    return "  set " + std::string(name) + (ipv6 ? "6 { type ipv6_addr;" : "4 { type ipv4_addr;")
        + " flags interval; auto-merge;"
        + (ours.empty() ? "" : " elements = { " + joined(ours) + " }") + " }\n";
}

std::string sets_of(std::string_view name, const std::vector<std::string>& prefixes) {
    return set_of(name, prefixes, false) + set_of(name, prefixes, true);
}

/// A match on one end of a packet: "ip saddr 10.0.0.1 tcp sport 8443".
std::string end_of(const KeptServer& kept, bool is_source) {
    const std::string side = is_source ? "s" : "d";
    return (mitigate::is_ipv6(kept.address) ? "ip6 " : "ip ") + side + "addr " + kept.address + " "
        + std::string(mitigate::transport_name(kept.protocol)) + " " + side + "port "
        + std::to_string(kept.port);
}

std::string accept_kept(const std::vector<KeptServer>& keep, bool is_incoming) {
    std::string rules;
    for (const KeptServer& kept : keep) {
        rules += "    " + end_of(kept, is_incoming) + " accept\n";
    }
    return rules;
}

/// Of `tcp dport { … }` what ports of one protocol are guarded; empty: none.
std::string ports_of(const std::vector<GuardedPort>& listeners, Transport protocol) {
    std::vector<std::string> ports;
    for (const GuardedPort& guarded : listeners) {
        if (guarded.protocol == protocol) {
            ports.push_back(std::to_string(guarded.port));
        }
    }
    return joined(ports);
}

std::string guard_rules(const std::vector<GuardedPort>& listeners) {
    std::string rules;
    for (const Transport protocol : {Transport::Tcp, Transport::Udp}) {
        const std::string ports = ports_of(listeners, protocol);
        if (!ports.empty()) {
            rules += "    fib daddr type local " + std::string(mitigate::transport_name(protocol))
                + " dport { " + ports + " } jump sources\n";
        }
    }
    return rules;
}

std::string manage_rules(const std::vector<Management>& manage, bool is_incoming) {
    std::string rules;
    std::size_t at = 0;
    for (const Management& one : manage) {
        const std::string set =
            (is_incoming ? " saddr @manage" : " daddr @manage") + std::to_string(at++) + "v";
        const std::string port = " " + std::string(mitigate::transport_name(one.protocol))
            + (is_incoming ? " dport " : " sport ") + std::to_string(one.port) + " accept\n";
        rules.append("    ip").append(set).append("4").append(port);
        rules.append("    ip6").append(set).append("6").append(port);
    }
    return rules;
}

std::string manage_sets(const std::vector<Management>& manage) {
    std::string sets;
    std::size_t at = 0;
    for (const Management& one : manage) {
        sets += sets_of("manage" + std::to_string(at++) + "v", one.from);
    }
    return sets;
}

/// Without them the host loses its address, or whom it must reach.
constexpr std::string_view kNeighbours =
    "    icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, "
    "nd-neighbor-advert } accept\n";

std::string in_place_of_the_old(std::string_view id, const std::string& content) {
    return no_filter_rules(id) + "table inet " + filter_table(id) + " {\n" + content + "}\n";
}

}  // namespace

std::string filter_table(std::string_view id) {
    return "thimble_" + std::string(id);
}

std::string no_filter_rules(std::string_view id) {
    return "add table inet " + filter_table(id) + "\ndelete table inet " + filter_table(id) + "\n";
}

std::string filter_rules(std::string_view id, const mitigate::Segmentation& settings) {
    return in_place_of_the_old(
        id,
        sets_of("allowed", settings.allow)
            + "  chain sources {\n"
              "    ip saddr @allowed4 accept\n"
              "    ip6 saddr @allowed6 accept\n"
              "    counter drop\n"
              "  }\n"
              "  chain incoming {\n    "
            + std::string(kIncoming) + "accept;\n    iif lo accept\n"
            + accept_kept(settings.keep, true) + guard_rules(settings.listeners) + "  }\n");
}

std::string filter_rules(std::string_view id, const mitigate::Isolation& settings) {
    return in_place_of_the_old(
        id,
        manage_sets(settings.manage) + "  chain incoming {\n    " + std::string(kIncoming)
            + "drop;\n    iif lo accept\n" + std::string(kNeighbours)
            + "    udp sport 67 udp dport 68 accept\n" + accept_kept(settings.keep, true)
            + manage_rules(settings.manage, true) + "    counter\n  }\n  chain outgoing {\n    "
            + std::string(kOutgoing) + "drop;\n    oif lo accept\n" + std::string(kNeighbours)
            + "    udp sport 68 udp dport 67 accept\n" + accept_kept(settings.keep, false)
            + manage_rules(settings.manage, false) + "    counter\n  }\n");
}

}  // namespace thimble::shield
