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
constexpr Days kReminder{1};
constexpr std::chrono::minutes kFirstPause{15};
constexpr std::uint32_t kMostDoublings = 6;
/// The share of hosts on which a control may fail before no further one tries.
constexpr std::int64_t kOneIn = 20;
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

/// From when on a host is to be changed; none: it is not, or has a job.
std::optional<Instant> change_from(const ControlledHost& host) {
    const bool is_wanted = host.state == RG
        || ((host.state == AP || is_up(host.state)) && !host.is_current
            && host.tries < kMostDeployments);
    return is_wanted && !host.has_job ? std::optional(next_try(host)) : std::nullopt;
}

/// From when on a host is to be looked at, before the control expires; none: it is not, or has a job.
std::optional<Instant> look_from(const ControlledHost& host, const ControlTerms& terms) {
    if (host.has_job || !is_up(host.state)) {
        return std::nullopt;
    }
    if (terms.is_attested) {
        return host.state == LA ? std::optional(host.tried_at + kReminder) : std::nullopt;
    }
    if (host.state != DE) {
        return host.tried_at + terms.interval;
    }
    if (host.tried_at <= host.proved_at) {
        return host.tried_at;
    }
    // Half as long again as it took so far: few jobs also where the interval is long and nobody answers.
    const auto least = first_proof_pause(terms.interval);
    return host.tried_at
        + std::clamp<std::chrono::seconds>(
               (host.tried_at - host.proved_at) / 2, least, terms.interval);
}

/// The last instant at which what was seen last is taken for proven.
Instant proven_until(const ControlledHost& host, const ControlTerms& terms) {
    return terms.is_attested ? host.attested_until : host.proved_at + terms.interval + terms.slack;
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

std::chrono::seconds first_proof_pause(std::chrono::seconds interval) {
    constexpr int kShare = 4;
    return std::min<std::chrono::seconds>(interval / kShare, kFirstPause);
}

bool is_proven(const ControlledHost& host, const ControlTerms& terms, Instant now) {
    return now < terms.expires_at && now <= proven_until(host, terms);
}

std::optional<ControlEvent> due_event(
    const ControlledHost& host, const ControlTerms& terms, Instant now) {
    const auto moves = [&](ControlEvent event) {
        return next_state(host.state, event, terms.rule) != host.state;
    };
    if (now >= terms.expires_at && moves(ControlEvent::HasExpired)) {
        return ControlEvent::HasExpired;
    }
    if (!is_proven(host, terms, now) && moves(ControlEvent::IsOverdue)) {
        return ControlEvent::IsOverdue;
    }
    return std::nullopt;
}

std::optional<ControlJob> due_change(
    const ControlledHost& host, const ControlTerms& terms, Instant now) {
    const auto from = change_from(host);
    if (!from || now < *from || (host.state != RG && now >= terms.expires_at)) {
        return std::nullopt;
    }
    return host.state == RG ? ControlJob::Remove : ControlJob::Deploy;
}

bool is_look_due(const ControlledHost& host, const ControlTerms& terms, Instant now) {
    const auto from = look_from(host, terms);
    return from && now >= *from && now < terms.expires_at;
}

std::optional<Instant> next_look(
    const ControlledHost& host, const ControlTerms& terms, Instant now) {
    const auto moves = [&](ControlEvent event) {
        return next_state(host.state, event, terms.rule) != host.state;
    };
    std::optional<Instant> first;
    const auto at = [&](Instant due) {
        first = std::min(first.value_or(Instant::max()), std::max(due, now));
    };
    if (moves(ControlEvent::HasExpired)) {
        at(terms.expires_at);
    }
    if (moves(ControlEvent::IsOverdue)) {
        at(std::min(proven_until(host, terms) + std::chrono::seconds(1), terms.expires_at));
    }
    if (const auto from = look_from(host, terms); from && std::max(*from, now) < terms.expires_at) {
        at(*from);
    }
    return first;
}

std::optional<Instant> next_change(
    const ControlledHost& host, const ControlTerms& terms, Instant now) {
    const auto from = change_from(host);
    if (!from || (host.state != RG && std::max(*from, now) >= terms.expires_at)) {
        return std::nullopt;
    }
    return std::max(*from, now);
}

ControlTurns next_turns(const ControlProgress& progress, std::int64_t at_once) {
    ControlTurns turns;
    turns.removals = std::max<std::int64_t>(at_once - progress.removing, 0);
    const std::int64_t wrong = progress.failed + progress.unproven;
    turns.is_stopped = wrong * kOneIn > progress.failed + progress.up;
    if (turns.is_stopped) {
        return turns;
    }
    const std::int64_t awaited =
        progress.up - progress.proven - progress.unproven - progress.lapsed;
    std::int64_t most = awaited > 0 ? 0 : 1;
    if (progress.proven > 0) {
        most = at_once;
    }
    turns.deployments = std::max<std::int64_t>(most - progress.deploying, 0);
    return turns;
}

}  // namespace thimble::rollout
