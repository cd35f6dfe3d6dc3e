#pragma once
/// @file A policy: which patches go to which hosts, ring by ring, when, and on whose word. Values alone.

#include "thimble/base/instant.hpp"
#include "thimble/calendar/window.hpp"
#include "thimble/model/fleet_health.hpp"
#include "thimble/model/owner_hook.hpp"
#include "thimble/model/plan.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rollout {

/// Shares are ten-thousandths, so that thresholds are decided by integers: 500 is 5 %.
inline constexpr std::uint32_t kWhole = 10'000;

/// What is known of a host when it is assigned to a ring.
struct HostFacts {
    std::string id;
    std::string name;
    std::string group;
    std::vector<std::string> tags;
    std::string operating_system;   ///< "Debian GNU/Linux 12 (bookworm)"
    std::string architecture = {};  // NOLINT(readability-redundant-member-init): g++ warns else
    bool operator==(const HostFacts&) const = default;
};

/// Which hosts: each list that is not empty must have the host; one item of a list suffices for it.
struct HostQuery {
    std::vector<std::string> hosts;  ///< ids or names
    std::vector<std::string> groups;
    std::vector<std::string> tags;
    std::vector<std::string> systems;  ///< beginnings of operating systems: "Debian GNU/Linux 12"
    bool operator==(const HostQuery&) const = default;
};

/// A number of hosts, or a share of those of a ring; the larger of both, at least one.
struct HostLimit {
    std::uint32_t count = 0;
    std::uint32_t share = 0;
    bool operator==(const HostLimit&) const = default;
};

struct RingRule {
    std::string name;
    std::optional<HostQuery>
        hosts;                ///< named hosts come first: the first ring that has a host takes it
    std::uint32_t share = 0;  ///< of the hosts that no ring names, by the hash of their ids
    std::chrono::seconds after{0};  ///< not before so long since the rollout began
    std::chrono::seconds soak{0};   ///< how long it is watched after its last host ended
    std::optional<HostLimit>
        at_once;  ///< transactions at the same time; none: by the size of the ring
    bool operator==(const RingRule&) const = default;
};

struct PolicyWindow {
    calendar::WindowRule when;
    bool is_for_install = true;
    bool is_for_reboot = true;
    bool operator==(const PolicyWindow&) const = default;
};

/// A time at which nothing is to change, whatever the windows say.
struct Freeze {
    std::string name;
    calendar::Span span;
    bool is_hard = true;  ///< a soft one lets an approved emergency pass
    std::string owner;    ///< for people; may be empty
    bool operator==(const Freeze&) const = default;
};

/// Whose word is needed, and before which ring.
struct ApprovalRule {
    std::uint32_t people = 0;  ///< none of them the one who began the rollout; 0: no approval
    std::string before_ring;   ///< empty: the first
    std::chrono::seconds good_for{std::chrono::days(7)};
    bool operator==(const ApprovalRule&) const = default;
};

/// How long before its transaction the owner of a host hears of it, and how often and how long the owner may put it off.
struct NoticeRule {
    std::chrono::seconds before{0};  ///< 0: nobody hears of it
    std::uint32_t deferrals = 0;
    std::chrono::seconds longest{0};  ///< each, from when it is asked for
    bool operator==(const NoticeRule&) const = default;
};

/// What a ring must have shown before the next one begins.
/// @source workflow: success rate and least number (Action1), coverage, failures (AWS Systems Manager)
struct HealthRule {
    std::uint32_t success_share = 9500;          ///< of those that ended well or badly
    std::uint32_t least_successes = 3;           ///< at most the size of the ring
    std::uint32_t least_share = 500;             ///< of the ring; the larger of both counts
    std::uint32_t coverage_share = 8000;         ///< of the ring's hosts that nothing blocks
    std::optional<std::uint32_t> most_failures;  ///< none: by the size of the ring
    bool operator==(const HealthRule&) const = default;
};

enum class RebootRule : std::uint8_t {
    Never,    ///< hosts that need one stay pending, and are shown
    InWindow  ///< as a step of its own, in windows for reboots
};

/// What must not be patched by this policy for now; somebody answers for it, and it ends.
struct PatchExclusion {
    std::string package;
    std::string owner;
    std::chrono::sys_days until;
    std::string why;
    bool operator==(const PatchExclusion&) const = default;
};

/// What hosts of later steps of the order do when one of an earlier step ended badly, or without being changed.
enum class OrderFailure : std::uint8_t {
    Wait,  ///< until somebody has looked after it
    GoOn   ///< as far as the ring's rule of failures lets the rollout run
};

struct RebootPolicy {
    RebootRule rule = RebootRule::Never;
    std::uint32_t at_once = 1;  ///< in the whole rollout
    std::chrono::seconds returns_within{std::chrono::minutes(15)};
    bool operator==(const RebootPolicy&) const = default;
};

enum class EmergencyOpening : std::uint8_t { Never, ByHand, ByRule };

struct EmergencyRule {
    EmergencyOpening opens = EmergencyOpening::ByHand;
    std::vector<std::chrono::seconds> soaks{
        std::chrono::minutes(30),
        std::chrono::minutes(30),
        std::chrono::hours(2)};  ///< by ring; the last for the rest
    bool operator==(const EmergencyRule&) const = default;
};

struct Policy {
    std::string name;
    HostQuery hosts;
    std::optional<HostQuery> hosts_except;
    model::PlanSelection selection;
    std::vector<PatchExclusion> exclusions;
    std::vector<RingRule> rings;        ///< at least one
    std::vector<PolicyWindow> windows;  ///< none: always
    std::vector<Freeze> freezes;
    std::vector<Freeze>
        passed_freezes;  ///< of an emergency: the soft ones, in which it needs approval in every ring
    ApprovalRule approval;
    NoticeRule notice;
    HealthRule health;
    model::PlanHealth host_health;        ///< what a host must show after its transaction
    std::vector<model::OwnerHook> hooks;  ///< in the order of their steps
    std::vector<HostQuery> order;  ///< within each ring: hosts of a step before those of the next
    OrderFailure order_failure = OrderFailure::Wait;
    bool restart_services = false;
    RebootPolicy reboot;
    EmergencyRule emergency;
    std::string availability_tag =
        "ha";  ///< hosts with the same `ha=…` tag are never changed at once
    bool operator==(const Policy&) const = default;
};

bool matches(const HostQuery& query, const HostFacts& host);
/// Whether a policy is about a host at all.
bool is_about(const Policy& policy, const HostFacts& host);

/// The rings of a policy that names none: named hosts (tag `ring=test`), then 1 %, 9 % and 90 % of the
/// others, or 5 %, 15 % and 80 % of at most 200; a new ring after 0, 1, 6 and 9 days.
/// @source Windows Autopatch, deployment rings and deferrals
std::vector<RingRule> default_rings(std::size_t hosts);

/// What is selected at an instant: the policy's selection without what is excluded until later.
model::PlanSelection selection_at(const Policy& policy, Instant now);

/// The same policy for an emergency: no windows, no deferral and no notice, short soaks; rings, limits, health and
/// hard freezes hold. Approval is due before the second ring, of at least one person, and within a soft freeze before
/// the first.
Policy in_emergency(Policy policy);

/// How many of `hosts` a limit is.
std::size_t hosts_at_once(const HostLimit& limit, std::size_t hosts);
/// The limit of a ring that names none: 1 below 25 hosts, then 5 % to 100, 8 % to 1000, 10 %.
/// @source AWS Systems Manager, default concurrency and error thresholds
HostLimit default_at_once(std::size_t hosts);
/// Likewise failures: 1, 5, 10, 10.
std::uint32_t default_failures(std::size_t hosts);

std::string_view reboot_rule_name(RebootRule rule);

}  // namespace thimble::rollout
