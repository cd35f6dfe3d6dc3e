#pragma once
/// @file What a fleet may ask a host to show after its transaction: what a server says goes into a plan. Pure.

#include "thimble/model/plan.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace thimble::model {

/// What a host must show after its transaction, and what happens when it does not.
struct PlanHealth {
    std::vector<HealthProbe> probes;
    std::chrono::seconds settle{120};
    std::uint32_t settle_tries = 3;
    bool roll_back_on_failure = true;
    bool operator==(const PlanHealth&) const = default;
};
PlanHealth health_of(const PlanPolicy& policy);

/// How much of it a server may ask for.
inline constexpr std::size_t kMostFleetProbes = 20;
inline constexpr std::chrono::seconds kLongestSettle{3600};
inline constexpr std::uint32_t kMostSettleTries = 100;
inline constexpr std::chrono::seconds kLongestProbe{60};

/// Why a probe is none that a server may ask a host's root helper for; empty: it is one. It asks the host itself, by
/// a loopback address or "localhost", by TCP or HTTP: what asks elsewhere would look around in the host's network.
std::string why_no_fleet_probe(const HealthProbe& probe);
/// Likewise of the whole.
std::string why_no_fleet_health(const PlanHealth& health);

}  // namespace thimble::model
