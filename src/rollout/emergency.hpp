#pragma once
/// @file What emergencies decide beyond what every rollout does: what opens one, who goes first, for whom the set
/// waits, who may skip the first ring. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rollout/rollout.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rollout {

/// What has to be urgent for an emergency by rule: one of these packages, or a patch that one of these vulnerabilities makes
/// urgent.
struct UrgentNames {
    std::vector<std::string> sources;
    std::vector<std::string> vulnerabilities;
    bool operator==(const UrgentNames&) const = default;
};

/// @return none: whatever is urgent. A policy that names patches opens emergencies for what it names; of advisories nobody
/// knows before a host plans which patches they are, so they open none
std::optional<UrgentNames> urgent_names(const model::PlanSelection& selection);

/// What of a policy's emergencies by rule will not be as its owner may think, a sentence each.
std::vector<std::string> emergency_doubts(const Policy& policy);

/// Where no host of the first ring misses a patch, since an earlier rollout was there already, nothing would be tried
/// before the others: of each system the first host that misses it, and waits, goes first. Who has planned and misses
/// nothing tries nothing; who has a plan does, whatever was judged. Nothing goes first that was taken back in its group.
/// @param hosts   facts, by id; one of which nothing is known stays where it is
/// @param urgent  ids of hosts on which the patch is urgent, ascending
/// @return indexes of those that are in the first ring now and were not, ascending. O(hosts log hosts)
std::vector<std::size_t> put_first(
    Rollout& rollout, std::span<const HostFacts> hosts, std::span<const std::string> urgent);

/// For so long the set of an emergency waits for each host of its first ring.
inline constexpr std::chrono::minutes kPlannedWithin{30};

/// Hosts of the first ring without a plan. Once there is none nothing more comes into the set.
struct Unplanned {
    bool is_waited_for = false;
    std::vector<std::string>
        late;  ///< those for which an emergency does not wait any more, if it can do without
    bool operator==(const Unplanned&) const = default;
};
Unplanned unplanned_of(const Rollout& rollout, bool is_emergency, Instant now);

/// Why somebody may not skip a ring; empty: it may be skipped. The first ring is skipped by a second person only. Who began an
/// emergency by rule is nobody: there the first is who has approved it.
/// @param person  "user:NAME"
std::string why_no_skip(
    const Rollout& rollout,
    std::size_t ring,
    bool is_by_rule,
    std::string_view person,
    Instant now);

}  // namespace thimble::rollout
