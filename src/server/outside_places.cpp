#include "thimble/server/outside_places.hpp"

#include "thimble/mitigate/address_prefix.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace thimble::server {
namespace {

using mitigate::ControlProbe;

const std::vector<ControlProbe>* probes_of(const mitigate::Control& control) {
    if (const auto* const segmentation = std::get_if<mitigate::Segmentation>(&control.settings)) {
        return &segmentation->probes;
    }
    const auto* const isolation = std::get_if<mitigate::Isolation>(&control.settings);
    return isolation == nullptr ? nullptr : &isolation->probes;
}

std::vector<std::string> allowed_of(const mitigate::Control& control) {
    if (const auto* const segmentation = std::get_if<mitigate::Segmentation>(&control.settings)) {
        return segmentation->allow;
    }
    std::vector<std::string> allowed;
    if (const auto* const isolation = std::get_if<mitigate::Isolation>(&control.settings)) {
        for (const mitigate::Management& management : isolation->manage) {
            allowed.insert(allowed.end(), management.from.begin(), management.from.end());
        }
    }
    return allowed;
}

GuardedTargets targets_of(const mitigate::Segmentation& segmentation) {
    GuardedTargets targets;
    targets.allowed = segmentation.allow;
    for (const mitigate::GuardedPort& one : segmentation.listeners) {
        if (one.protocol != mitigate::Transport::Tcp) {
            continue;
        }
        if (targets.ports.size() < kMostTargets) {
            targets.ports.push_back(one.port);
        } else {
            ++targets.left_out;
        }
    }
    return targets;
}

/// One port by which the host is managed stands for all: who is allowed there may be refused at the next.
GuardedTargets targets_of(const mitigate::Isolation& isolation) {
    GuardedTargets targets;
    const auto first = std::ranges::find(
        isolation.manage, mitigate::Transport::Tcp, &mitigate::Management::protocol);
    if (first != isolation.manage.end()) {
        targets.ports = {first->port};
        targets.allowed = first->from;
    }
    return targets;
}

void add_targets(OutsidePlan& plan, const mitigate::Control& control) {
    if (const auto* const isolation = std::get_if<mitigate::Isolation>(&control.settings)) {
        plan.targets = targets_of(*isolation);
    }
    if (const auto* const segmentation = std::get_if<mitigate::Segmentation>(&control.settings)) {
        plan.targets = targets_of(*segmentation);
        for (const mitigate::GuardedPort& one : segmentation->listeners) {
            if (one.protocol == mitigate::Transport::Udp) {
                plan.udp_ports.push_back(one.port);
            }
        }
    }
}

bool is_named(const std::string& name, const NamedHost& host) {
    return name == host.id || name == host.name
        || std::ranges::find(host.before, name) != host.before.end();
}

}  // namespace

OutsidePlan outside_plan(std::string_view document, const NamedHost& host, bool has_others) {
    OutsidePlan plan;
    const auto control = mitigate::parse_control(document);
    const auto* const probes = control ? probes_of(*control) : nullptr;
    if (probes == nullptr) {
        return plan;
    }
    plan.is_filter = true;
    plan.allowed = allowed_of(*control);
    add_targets(plan, *control);
    for (std::size_t at = 0; at < probes->size(); ++at) {
        const ControlProbe& probe = (*probes)[at];
        const bool is_of_host = probe.of.empty() || is_named(probe.of, host);
        if (!probe.host.empty() && is_of_host) {
            plan.places.push_back(
                {static_cast<std::int64_t>(at), probe, probe.of.empty() && has_others});
        }
    }
    return plan;
}

std::vector<OutsidePlace> chosen_places(const GuardedTargets& targets, const std::string& address) {
    constexpr std::int64_t kFirst = 1000;
    std::vector<OutsidePlace> places;
    std::int64_t number = kFirst;
    for (const std::uint16_t port : targets.ports) {
        for (const bool from_allowed : {false, true}) {
            if (!from_allowed || !targets.allowed.empty()) {
                places.push_back({number, {from_allowed, address, port, "", "", ""}, false});
            }
            ++number;
        }
    }
    return places;
}

std::string untried_note(const OutsidePlan& plan) {
    std::string note;
    for (const std::uint16_t port : plan.udp_ports) {
        note += (note.empty() ? "; UDP port " : ", ") + std::to_string(port);
    }
    note += note.empty() ? "" : ": rule is loaded, not probed";
    if (plan.is_chosen && plan.targets.left_out > 0) {
        note += "; " + std::to_string(plan.targets.left_out) + " more TCP ports: not probed";
    }
    return note;
}

bool is_allowed_in(const OutsidePlan& plan, std::string_view address) {
    return std::ranges::any_of(plan.allowed, [address](const std::string& prefix) {
        return mitigate::is_within(address, prefix);
    });
}

}  // namespace thimble::server
