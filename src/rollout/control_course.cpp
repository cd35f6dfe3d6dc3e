#include "thimble/rollout/control_course.hpp"

#include <algorithm>
#include <array>

namespace thimble::rollout {
namespace {

constexpr std::array<std::string_view, kControlStates> kNames{
    "proposed", "approved", "deployed", "verified", "lapsed", "retiring", "retired"};
constexpr std::array<std::string_view, 2> kRules{"propose", "remove"};

// NOLINTBEGIN(readability-identifier-naming): the names of the columns of a table
constexpr auto PR = ControlState::Proposed;
constexpr auto AP = ControlState::Approved;
constexpr auto DE = ControlState::Deployed;
constexpr auto VE = ControlState::Verified;
constexpr auto LA = ControlState::Lapsed;
constexpr auto RG = ControlState::Retiring;
constexpr auto RD = ControlState::Retired;
// NOLINTEND(readability-identifier-naming)

// Expiry and a live patch are those of the rule that removes. A host that was approved may have a deployment under
// way, so that there is something to remove.
using Row = std::array<ControlState, kControlEvents>;
// clang-format off
constexpr std::array<Row, kControlStates> kTable{{
    //        approved deployed not-dep holds breaks overdue expired patched retired removed
    /* PR */ {AP,      PR,      PR,     PR,   PR,    PR,     RD,     RD,     RD,     PR},
    /* AP */ {AP,      DE,      AP,     AP,   AP,    AP,     RG,     RG,     RG,     AP},
    /* DE */ {DE,      DE,      LA,     VE,   LA,    LA,     RG,     RG,     RG,     LA},
    /* VE */ {VE,      DE,      LA,     VE,   LA,    LA,     RG,     RG,     RG,     LA},
    /* LA */ {LA,      DE,      LA,     VE,   LA,    LA,     RG,     RG,     RG,     LA},
    /* RG */ {RG,      RG,      RG,     RG,   RG,    RG,     RG,     RG,     RG,     RD},
    /* RD */ {RD,      RG,      RD,     RD,   RD,    RD,     RD,     RD,     RD,     RD},
}};
// clang-format on

constexpr std::uint32_t kMostDeployments = 5;
constexpr std::chrono::minutes kFirstPause{15};
constexpr std::uint32_t kMostDoublings = 6;
constexpr std::chrono::seconds kLeastSlack{std::chrono::minutes(5)};

/// Doubles with each try, up to 16 hours.
Instant next_try(const ControlledHost& host) {
    return host.tries == 0
        ? Instant{}
        : host.tried_at + kFirstPause * (1U << std::min(host.tries - 1, kMostDoublings));
}

bool is_up(ControlState state) {
    return state == DE || state == VE || state == LA;
}

/// Worst first: what of several hosts speaks for all.
int goodness(ControlState state) {
    switch (state) {
        case ControlState::Lapsed: return 0;
        case ControlState::Proposed:
        case ControlState::Approved: return 1;
        case ControlState::Deployed: return 2;
        case ControlState::Verified: return 3;
        case ControlState::Retiring: return 4;
        case ControlState::Retired: return 5;
    }
    return 0;
}

}  // namespace

std::string_view control_state_name(ControlState state) {
    return kNames.at(static_cast<std::size_t>(state));
}

std::optional<ControlState> control_state_named(std::string_view name) {
    const auto* const found = std::ranges::find(kNames, name);
    return found == kNames.end() ? std::nullopt
                                 : std::optional(static_cast<ControlState>(found - kNames.begin()));
}

std::string_view retirement_rule_name(RetirementRule rule) {
    return kRules.at(static_cast<std::size_t>(rule));
}

std::optional<RetirementRule> retirement_rule_named(std::string_view name) {
    const auto* const found = std::ranges::find(kRules, name);
    return found == kRules.end()
        ? std::nullopt
        : std::optional(static_cast<RetirementRule>(found - kRules.begin()));
}

ControlState next_state(ControlState state, ControlEvent event, RetirementRule rule) {
    if (rule == RetirementRule::Propose && event == ControlEvent::PatchIsLive) {
        return state;
    }
    if (rule == RetirementRule::Propose && event == ControlEvent::HasExpired && is_up(state)) {
        return LA;
    }
    return kTable.at(static_cast<std::size_t>(state)).at(static_cast<std::size_t>(event));
}

ControlState state_of_control(ControlState state, std::span<const ControlState> hosts) {
    const bool are_all_gone =
        std::ranges::all_of(hosts, [](ControlState host) { return host == ControlState::Retired; });
    if (state == PR || state == RD) {
        return state;
    }
    if (state == RG) {
        return are_all_gone ? RD : RG;
    }
    ControlState worst = RD;
    for (const ControlState host : hosts) {
        worst = goodness(host) < goodness(worst) ? host : worst;
    }
    // Hosts may still come into its scope: it ends by a person or by its time.
    return worst == RD || worst == RG ? AP : worst;
}

std::chrono::seconds verification_slack(std::chrono::seconds interval) {
    constexpr int kShare = 10;
    return std::max(kLeastSlack, interval / kShare);
}

bool is_proven(const ControlTerms& terms, Instant proved_at, Instant now) {
    return now < terms.expires_at && now <= proved_at + terms.interval + terms.slack;
}

std::optional<ControlEvent> due_event(
    const ControlledHost& host, const ControlTerms& terms, Instant now) {
    const auto moves = [&](ControlEvent event) {
        return next_state(host.state, event, terms.rule) != host.state;
    };
    if (now >= terms.expires_at && moves(ControlEvent::HasExpired)) {
        return ControlEvent::HasExpired;
    }
    if (!is_proven(terms, host.proved_at, now) && moves(ControlEvent::IsOverdue)) {
        return ControlEvent::IsOverdue;
    }
    return std::nullopt;
}

std::optional<ControlJob> due_job(
    const ControlledHost& host, const ControlTerms& terms, Instant now) {
    if (host.has_job) {
        return std::nullopt;
    }
    if (host.state == RG) {
        return now >= next_try(host) ? std::optional(ControlJob::Remove) : std::nullopt;
    }
    if (now >= terms.expires_at || (host.state != AP && !is_up(host.state))) {
        return std::nullopt;
    }
    if (!host.is_current && host.tries < kMostDeployments && now >= next_try(host)) {
        return ControlJob::Deploy;
    }
    if (host.state == AP) {
        return std::nullopt;
    }
    const bool is_unproven = host.state == DE && host.tried_at <= host.proved_at;
    const bool is_due = is_unproven || now >= host.tried_at + terms.interval;
    return is_due ? std::optional(ControlJob::Verify) : std::nullopt;
}

}  // namespace thimble::rollout
