#include "thimble/model/fleet_health.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

namespace thimble::model {
namespace {

constexpr std::size_t kMostNameBytes = 32;
constexpr std::size_t kMostTargetBytes = 500;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_probe_name(std::string_view name) {
    return !name.empty() && name.size() <= kMostNameBytes && name.front() != '-'
        && std::ranges::all_of(
            name, [](char c) { return is_digit(c) || c == '-' || (c >= 'a' && c <= 'z'); });
}

std::optional<unsigned> number_of(std::string_view text, unsigned most) {
    unsigned number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return is_whole && !text.empty() && number <= most ? std::optional(number) : std::nullopt;
}

/// "localhost", "[::1]" or four numbers, the first of them 127: as nobody reads otherwise.
bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "[::1]") {
        return true;
    }
    constexpr unsigned kLoopback = 127;
    constexpr unsigned kMostOfByte = 255;
    std::array<unsigned, 4> bytes{};
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const std::string_view part = host.substr(0, host.find('.'));
        const auto number = number_of(part, kMostOfByte);
        if (!number || (part.size() > 1 && part.front() == '0')) {
            return false;
        }
        bytes.at(at) = *number;
        host.remove_prefix(part.size());
        const bool is_last = at + 1 == bytes.size();
        if (is_last != host.empty()) {
            return false;
        }
        host.remove_prefix(is_last ? 0 : 1);
    }
    return bytes.front() == kLoopback;
}

/// HOST:PORT, or HOST alone where a port is not needed.
bool is_own_address(std::string_view address, bool needs_port) {
    constexpr unsigned kMostPort = 65535;
    const std::size_t colon = address.rfind(':');
    const bool has_port = colon != std::string_view::npos && !address.ends_with(']');
    if (!has_port) {
        return !needs_port && is_loopback(address);
    }
    const auto port = number_of(address.substr(colon + 1), kMostPort);
    return port && *port > 0 && is_loopback(address.substr(0, colon));
}

bool is_own_url(std::string_view url) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (url.starts_with(scheme)) {
            const std::string_view rest = url.substr(scheme.size());
            return is_own_address(rest.substr(0, rest.find_first_of("/?#")), false);
        }
    }
    return false;
}

bool is_plain_word(std::string_view text) {
    return text.size() <= kMostTargetBytes
        && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
}

}  // namespace

PlanHealth health_of(const PlanPolicy& policy) {
    return {policy.probes, policy.settle, policy.settle_tries, policy.roll_back_on_failure};
}

std::string why_no_fleet_probe(const HealthProbe& probe) {
    const std::string which = "the probe \"" + probe.name + "\"";
    if (!is_probe_name(probe.name)) {
        return which + " needs a name of at most 32 of a-z, 0-9 and -";
    }
    if (probe.kind == ProbeKind::Command || !probe.argv.empty()) {
        return which + " is a command: only the owner of a host can ask for one";
    }
    const bool is_own = probe.kind == ProbeKind::Tcp ? is_own_address(probe.target, true)
                                                     : is_own_url(probe.target);
    if (!is_own || !is_plain_word(probe.target)) {
        return which
            + " must ask the host itself: 127.0.0.1, [::1] or localhost, of TCP with a port";
    }
    if (probe.timeout < std::chrono::seconds(1) || probe.timeout > kLongestProbe) {
        return which + " may take from 1 to 60 seconds";
    }
    return "";
}

std::string why_no_fleet_health(const PlanHealth& health) {
    if (health.probes.size() > kMostFleetProbes) {
        return "at most 20 probes may be asked";
    }
    std::set<std::string_view> names;
    for (const HealthProbe& probe : health.probes) {
        if (std::string why = why_no_fleet_probe(probe); !why.empty()) {
            return why;
        }
        if (!names.insert(probe.name).second) {
            return "two probes are called \"" + probe.name + "\"";
        }
        if (probe.timeout != health.probes.front().timeout) {
            return "all probes have the same time";
        }
    }
    if (health.settle < std::chrono::seconds(0) || health.settle > kLongestSettle) {
        return "services may take at most an hour to settle";
    }
    if (health.settle_tries == 0 || health.settle_tries > kMostSettleTries) {
        return "from 1 to 100 tries are wanted";
    }
    return "";
}

}  // namespace thimble::model
