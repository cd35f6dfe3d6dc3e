#include "thimble/shield/segmentation_proposal.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace thimble::shield {
namespace {

using mitigate::GuardedPort;
using mitigate::Transport;

GuardedPort guarded_of(const model::Listener& listener) {
    return {listener.protocol == "udp" ? Transport::Udp : Transport::Tcp, listener.port};
}

bool is_guarded(const model::Listener& listener, const std::vector<GuardedPort>& ports) {
    return std::ranges::find(ports, guarded_of(listener)) != ports.end();
}

}  // namespace

Result<mitigate::Segmentation> propose_segmentation(
    const std::vector<model::Listener>& listeners,
    const std::vector<inventory::Connection>& connections,
    const ShieldedService& service,
    std::vector<mitigate::KeptServer> keep) {
    mitigate::Segmentation settings;
    settings.keep = std::move(keep);
    for (const model::Listener& listener : listeners) {
        const bool is_meant = (service.package.empty() || listener.package == service.package)
            && (service.port == 0 || listener.port == service.port);
        if (is_meant && !listener.loopback && !is_guarded(listener, settings.listeners)) {
            settings.listeners.push_back(guarded_of(listener));
        }
    }
    if (settings.listeners.empty()) {
        return failure(
            ErrorKind::NotFound,
            "shield.nothing_listens",
            "nothing of that service listens for others, so there is nothing to guard");
    }
    std::set<std::string> peers;
    for (const inventory::Connection& connection : connections) {
        const GuardedPort port{Transport::Tcp, connection.port};
        const bool is_ours =
            std::ranges::find(settings.listeners, port) != settings.listeners.end();
        if (is_ours && !connection.loopback) {
            peers.insert(connection.peer);
        }
    }
    settings.allow.assign(peers.begin(), peers.end());
    return settings;
}

std::vector<model::Listener> other_sockets(
    const std::vector<model::Listener>& listeners,
    std::uint16_t port,
    const std::vector<std::uint16_t>& known) {
    std::set<std::uint32_t> processes;
    for (const model::Listener& listener : listeners) {
        if (listener.pid != 0 && listener.protocol == "tcp" && listener.port == port) {
            processes.insert(listener.pid);
        }
    }
    std::vector<model::Listener> others;
    std::ranges::copy_if(
        listeners, std::back_inserter(others), [&](const model::Listener& listener) {
            return processes.contains(listener.pid) && listener.protocol == "tcp"
                && !listener.loopback && listener.port != port
                && std::ranges::find(known, listener.port) == known.end();
        });
    return others;
}

std::vector<std::string> unguarded_ports(
    const std::vector<model::Listener>& listeners, const mitigate::Segmentation& settings) {
    std::set<std::uint32_t> processes;
    for (const model::Listener& listener : listeners) {
        if (listener.pid != 0 && is_guarded(listener, settings.listeners)) {
            processes.insert(listener.pid);
        }
    }
    std::set<std::string> open;
    for (const model::Listener& listener : listeners) {
        if (processes.contains(listener.pid) && !listener.loopback
            && !is_guarded(listener, settings.listeners)) {
            open.insert(
                listener.protocol + " port " + std::to_string(listener.port) + " of "
                + listener.command + " is not guarded");
        }
    }
    return {open.begin(), open.end()};
}

}  // namespace thimble::shield
