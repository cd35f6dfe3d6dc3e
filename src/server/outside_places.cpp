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
    for (std::size_t at = 0; at < probes->size(); ++at) {
        const ControlProbe& probe = (*probes)[at];
        const bool is_of_host = probe.of.empty() || probe.of == host.id || probe.of == host.name;
        if (!probe.host.empty() && is_of_host) {
            plan.places.push_back(
                {static_cast<std::int64_t>(at), probe, probe.of.empty() && has_others});
        }
    }
    return plan;
}

bool is_allowed_in(const OutsidePlan& plan, std::string_view address) {
    return std::ranges::any_of(plan.allowed, [address](const std::string& prefix) {
        return mitigate::is_within(address, prefix);
    });
}

}  // namespace thimble::server
