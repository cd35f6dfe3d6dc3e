#include "thimble/rollout/rollout.hpp"

#include "thimble/base/digest.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

namespace thimble::rollout {
namespace {

constexpr auto kStageNames = std::to_array<std::string_view>({
    "waiting",
    "preparing",
    "ready",
    "changing",
    "rebooting",
    "succeeded",
    "nothing-to-do",
    "pending-restart",
    "pending-reboot",
    "blocked",
    "rehearsal-failed",
    "skipped",
    "failed",
    "hook-failed",
    "not-returned",
    "silent",
    "left",
});
static_assert(kStageNames.size() == kHostStages);
constexpr std::array<std::string_view, 5> kRingPhaseNames{
    "waiting", "open", "soaking", "passed", "skipped"};
constexpr std::array<std::string_view, 5> kRolloutPhaseNames{
    "running", "paused", "halted", "done", "cancelled"};

template <class Value, std::size_t Size>
std::optional<Value> named(const std::array<std::string_view, Size>& names, std::string_view name) {
    const auto at = std::ranges::find(names, name);
    return at == names.end() ? std::nullopt : std::optional(static_cast<Value>(at - names.begin()));
}

/// 0 to 9,999, the same for the same policy and host wherever it is asked.
std::uint32_t place_of(const Policy& policy, const std::string& id) {
    constexpr std::size_t kDigits = 8;
    constexpr int kHexadecimal = 16;
    const std::string digest = sha256_of(policy.name + '\n' + id);
    std::uint32_t number = 0;
    std::from_chars(digest.data(), digest.data() + kDigits, number, kHexadecimal);
    return number % kWhole;
}

std::optional<std::uint32_t> ring_of(const Policy& policy, const HostFacts& host) {
    for (std::uint32_t at = 0; at < policy.rings.size(); ++at) {
        const auto& query = policy.rings[at].hosts;
        if (query && matches(*query, host)) {
            return at;
        }
    }
    std::uint32_t end = 0;
    const std::uint32_t place = place_of(policy, host.id);
    for (std::uint32_t at = 0; at < policy.rings.size(); ++at) {
        end += policy.rings[at].share;
        if (place < end) {
            return at;
        }
    }
    return std::nullopt;
}

using SetNumbers = std::map<std::string, std::uint32_t>;

bool was_changed(const HostCourse& course) {
    return course.job != CourseJob::Prefetch && course.job != CourseJob::Rehearse;
}

/// The set of a host, numbered in the order in which sets are seen.
std::uint32_t set_of(const Policy& policy, const HostFacts& host, SetNumbers& sets) {
    const std::string key = policy.availability_tag + "=";
    for (const std::string& tag : host.tags) {
        if (tag.starts_with(key)) {
            const auto number = static_cast<std::uint32_t>(sets.size() + 1);
            return sets.try_emplace(tag, number).first->second;
        }
    }
    return 0;
}

/// The first step of the order that names a host.
std::uint32_t order_of(const Policy& policy, const HostFacts& host) {
    const auto step = std::ranges::find_if(
        policy.order, [&](const HostQuery& query) { return matches(query, host); });
    return step == policy.order.end() ? 0
                                      : static_cast<std::uint32_t>(step - policy.order.begin() + 1);
}

std::vector<calendar::Span> spans_of(
    const Policy& policy, bool PolicyWindow::* use, calendar::Span within) {
    if (policy.windows.empty()) {
        return {within};
    }
    std::vector<calendar::Span> spans;
    for (const PolicyWindow& window : policy.windows) {
        if (window.*use) {
            const auto opens = calendar::openings(window.when, within.begin, within.end);
            if (opens) {
                spans.insert(spans.end(), opens->begin(), opens->end());
            }
        }
    }
    return spans;
}

}  // namespace

std::string_view host_stage_name(HostStage stage) {
    return kStageNames.at(static_cast<std::size_t>(stage));
}
std::string_view ring_phase_name(RingPhase phase) {
    return kRingPhaseNames.at(static_cast<std::size_t>(phase));
}
std::optional<RingPhase> ring_phase_named(std::string_view name) {
    return named<RingPhase>(kRingPhaseNames, name);
}
std::string_view rollout_phase_name(RolloutPhase phase) {
    return kRolloutPhaseNames.at(static_cast<std::size_t>(phase));
}
std::optional<RolloutPhase> rollout_phase_named(std::string_view name) {
    return named<RolloutPhase>(kRolloutPhaseNames, name);
}

HostStage stage_of(const HostCourse& course) {
    switch (course.phase) {
        case CoursePhase::Planning:
        case CoursePhase::Rehearsing: return HostStage::Preparing;
        case CoursePhase::Rehearsed: return HostStage::Ready;
        case CoursePhase::Applying:
        case CoursePhase::Verifying:
        case CoursePhase::Restarting: return HostStage::Changing;
        case CoursePhase::Rebooting: return HostStage::Rebooting;
        case CoursePhase::Verified: return HostStage::Succeeded;
        case CoursePhase::NothingToDo: return HostStage::NothingToDo;
        case CoursePhase::PendingRestart: return HostStage::PendingRestart;
        case CoursePhase::PendingReboot: return HostStage::PendingReboot;
        case CoursePhase::PlanRefused: return HostStage::Blocked;
        case CoursePhase::RehearsalFailed: return HostStage::RehearsalFailed;
        case CoursePhase::Skipped: return HostStage::Skipped;
        case CoursePhase::RolledBack:
        case CoursePhase::FailedHealth: return HostStage::Failed;
        case CoursePhase::WaitingToVerify:
        case CoursePhase::Waiting:
        case CoursePhase::Halted: return HostStage::Waiting;
        case CoursePhase::Cancelled: return HostStage::Left;
        case CoursePhase::Failed: return HostStage::Failed;
        case CoursePhase::HookFailed: return HostStage::HookFailed;
        case CoursePhase::NotReturned: return HostStage::NotReturned;
        case CoursePhase::Unknown:
            return was_changed(course) ? HostStage::Failed : HostStage::Silent;
    }
    return HostStage::Silent;
}

Result<AssignedHosts> assigned(const Policy& policy, std::span<const HostFacts> hosts) {
    std::vector<const HostFacts*> sorted;
    for (const HostFacts& host : hosts) {
        sorted.push_back(&host);
    }
    std::ranges::sort(sorted, {}, [](const HostFacts* host) { return std::string_view(host->id); });
    SetNumbers sets;
    std::vector<RolloutHost> placed;
    bool has_first = false;
    for (const HostFacts* host : sorted) {
        if (const auto ring = ring_of(policy, *host)) {
            RolloutHost& last = placed.emplace_back();
            last.id = host->id;
            last.ring = *ring;
            last.set = set_of(policy, *host, sets);
            last.order = order_of(policy, *host);
            has_first = has_first || *ring == 0;
        }
    }
    if (placed.empty()) {
        return failure(
            ErrorKind::Invalid,
            "rollout.no_hosts",
            "the policy \"" + policy.name + "\" has no host in any of its rings");
    }
    if (!has_first) {
        return failure(
            ErrorKind::Invalid,
            "rollout.no_first_ring",
            "the first ring, \"" + policy.rings.front().name
                + "\", has no host, so nothing would be tried before the others: name or tag one");
    }
    AssignedHosts all{std::move(placed), std::vector<std::string>(sets.size())};
    for (const auto& [name, number] : sets) {
        all.sets[number - 1] = name;
    }
    return all;
}

Result<Rollout> begin_rollout(
    Policy policy, std::span<const HostFacts> hosts, std::string requester, Instant now) {
    Rollout rollout;
    THIMBLE_TRY(AssignedHosts all, assigned(policy, hosts));
    rollout.hosts = std::move(all.hosts);
    rollout.sets = std::move(all.sets);
    for (RolloutHost& host : rollout.hosts) {
        host.since = now;
    }
    rollout.rings.resize(policy.rings.size());
    for (RingState& ring : rollout.rings) {
        ring.since = now;
    }
    rollout.policy = std::move(policy);
    rollout.requester = std::move(requester);
    rollout.began = now;
    rollout.since = now;
    return rollout;
}

Result<Openings> openings_of(const Policy& policy, Instant from, Instant until) {
    for (const PolicyWindow& window : policy.windows) {
        THIMBLE_TRY(calendar::check_window(window.when));
    }
    std::vector<calendar::Span> frozen;
    frozen.reserve(policy.freezes.size());
    for (const Freeze& freeze : policy.freezes) {
        frozen.push_back(freeze.span);
    }
    const calendar::Span within{from, until};
    return Openings{
        calendar::subtracted(spans_of(policy, &PolicyWindow::is_for_install, within), frozen),
        calendar::subtracted(spans_of(policy, &PolicyWindow::is_for_reboot, within), frozen)};
}

}  // namespace thimble::rollout
