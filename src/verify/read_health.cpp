#include "thimble/verify/read_health.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/verify/parse_units.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thimble::verify {
namespace {

constexpr std::size_t kMaxText = std::size_t{4} << 20;

std::string text_of(host::Host& host, std::string_view path) {
    auto text = host.read_file(path, kMaxText);
    if (!text) {
        return {};
    }
    while (text->ends_with('\n')) {
        text->pop_back();
    }
    return *std::move(text);
}

/// What systemd tells of the units it knows whose names match; none: it does not answer. Of old a list of units is told for people
/// alone, these properties are told the same by all.
/// @param properties  with commas between
std::optional<std::string> show_units(
    host::Host& host, const std::string& properties, std::initializer_list<const char*> names) {
    std::vector<std::string> argv{
        "systemctl", "show", "--all", "--no-pager", "--property=" + properties};
    argv.insert(argv.end(), names.begin(), names.end());
    auto outcome = host.run({.argv = std::move(argv)});
    return outcome && outcome->exit_status == 0 ? std::optional(std::move(outcome->output))
                                                : std::nullopt;
}

void read_units(host::Host& host, HealthSnapshot& snapshot) {
    if (!host.look("/run/systemd/system", host::Follow::Yes)) {
        return;
    }
    const auto shown = show_units(
        host,
        "Id,ActiveState,SubState,NRestarts,UnitFileState,ActiveEnterTimestampMonotonic",
        {"*.service", "*.socket", "*.timer", "*.path"});
    if (!shown) {
        return;
    }
    snapshot.units = parse_units(*shown);
    // A system has units: where none is told, none was asked of.
    snapshot.units_known = !snapshot.units.empty();
    if (snapshot.units_known) {
        snapshot.records = parse_unit_records(*shown);
        snapshot.records_known = true;
    }
}

/// Since the boot; none: not told.
std::chrono::microseconds uptime(host::Host& host) {
    const std::string text = text_of(host, "/proc/uptime");
    const auto seconds = number_in<std::int64_t>(std::string_view(text).substr(0, text.find('.')));
    constexpr std::int64_t kMost = std::int64_t{1} << 36;
    return std::chrono::seconds(seconds && *seconds < kMost ? *seconds : 0);
}

/// Containers that an engine does not start again are in no list of units once they have ended.
void read_containers(host::Host& host, HealthSnapshot& snapshot) {
    if (!snapshot.units_known) {
        return;
    }
    const auto shown = show_units(
        host,
        "Id,ActiveState,ActiveEnterTimestampMonotonic",
        {"docker-*.scope", "libpod-*.scope", "machine-*.scope"});
    if (shown) {
        snapshot.containers = parse_containers(*shown, uptime(host));
        snapshot.containers_known = true;
    }
}

void read_listeners(host::Host& host, HealthSnapshot& snapshot) {
    inventory::InventoryOptions wanted;
    wanted.listeners = true;
    const auto inventory = inventory::read_inventory(host, wanted, Instant{});
    if (!inventory || !inventory->listeners_known) {
        return;
    }
    // A baseline is of root: to somebody who sees fewer owners their sockets would seem to be others.
    const bool sees_less = ::geteuid() != 0
        && std::ranges::find(inventory->gaps, "inventory.hidden_listeners", &model::Gap::code)
            != inventory->gaps.end();
    if (sees_less) {
        return;
    }
    snapshot.listeners_known = true;
    for (const model::Listener& listener : inventory->listeners) {
        snapshot.listeners.push_back(
            listener.protocol + " " + listener.address + ":" + std::to_string(listener.port) + " "
            + listener.command);
    }
    std::ranges::sort(snapshot.listeners);
    const auto rest = std::ranges::unique(snapshot.listeners);
    snapshot.listeners.erase(rest.begin(), rest.end());
}

}  // namespace

HealthSnapshot read_unit_health(host::Host& host) {
    HealthSnapshot snapshot;
    read_units(host, snapshot);
    return snapshot;
}

HealthSnapshot read_health(host::Host& host, std::span<const model::HealthProbe> probes) {
    HealthSnapshot snapshot;
    snapshot.boot_id = text_of(host, "/proc/sys/kernel/random/boot_id");
    read_units(host, snapshot);
    read_containers(host, snapshot);
    read_listeners(host, snapshot);
    snapshot.ephemeral = parse_port_range(text_of(host, "/proc/sys/net/ipv4/ip_local_port_range"));
    snapshot.mounts = parse_mounts(text_of(host, "/proc/self/mountinfo"));
    snapshot.default_routes = parse_default_routes(
        text_of(host, "/proc/net/route"), text_of(host, "/proc/net/ipv6_route"));
    for (const model::HealthProbe& probe : probes) {
        snapshot.probes.push_back(ask_probe(host, probe));
    }
    std::ranges::sort(snapshot.probes, {}, &ProbeResult::name);
    return snapshot;
}

}  // namespace thimble::verify
