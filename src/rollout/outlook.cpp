#include "thimble/rollout/outlook.hpp"

#include "thimble/rollout/explain.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace thimble::rollout {
namespace {

bool is_over(const Rollout& rollout) {
    return rollout.phase == RolloutPhase::Done || rollout.phase == RolloutPhase::Cancelled;
}

void add_words(Outlook& outlook, const Rollout& rollout, Instant now) {
    const ApprovalRule& rule = rollout.policy.approval;
    std::set<std::string_view> people;
    outlook.words.reserve(rollout.approvals.size());
    for (const Approval& approval : rollout.approvals) {
        const bool counts = is_good(approval, rollout, now);
        outlook.words.push_back(
            {approval.person, approval.at, approval.at + rule.good_for, counts});
        if (counts) {
            people.insert(approval.person);
        }
    }
    outlook.words_needed = rule.people;
    outlook.words_given = people.size();
    outlook.good_for = rule.good_for;
    if (rule.people > 0) {
        outlook.before_ring =
            rule.before_ring.empty() ? rollout.policy.rings.front().name : rule.before_ring;
    }
}

/// Of two that nobody knows the end of, what a person can end is told before what waits for others.
int rank(const Hold& hold) {
    if (hold.reason == HoldReason::Approval) {
        return 0;
    }
    return hold.reason == HoldReason::RingAhead ? 2 : 1;
}

/// Whether `one` is known to go on before `other`; where nobody knows, what is to be told first.
bool goes_first(const Hold& one, const Hold& other) {
    if (one.reason == HoldReason::None || other.reason == HoldReason::None) {
        return one.reason == HoldReason::None && other.reason != HoldReason::None;
    }
    if (one.until == Instant() && other.until == Instant()) {
        return rank(one) < rank(other);
    }
    if (one.until == Instant() || other.until == Instant()) {
        return one.until != Instant() && other.until == Instant();
    }
    return one.until < other.until;
}

/// A host that the next step may move, or whose hold ends one day.
bool waits(const RolloutHost& host) {
    return is_begun_anew(host) || host.stage == HostStage::Ready
        || host.stage == HostStage::PendingReboot;
}

std::optional<NextStep> next_step(const Rollout& rollout, const Holds& holds, Instant now) {
    std::optional<std::size_t> first;
    Hold hold;
    std::size_t hosts = 0;
    for (std::size_t at = 0; at < rollout.hosts.size(); ++at) {
        if (!waits(rollout.hosts[at])) {
            continue;
        }
        ++hosts;
        const Hold one = holds.of(at);
        if (!first || goes_first(one, hold)) {
            first = at;
            hold = one;
        }
    }
    if (!first) {
        return std::nullopt;
    }
    return NextStep{hold.reason, hold.until, hosts, explain(rollout, *first, holds, now).sentence};
}

}  // namespace

Outlook outlook_of(
    const Rollout& rollout,
    const Openings& openings,
    Instant now,
    std::span<const PeerElsewhere> elsewhere) {
    Outlook outlook;
    add_words(outlook, rollout, now);
    if (is_over(rollout)) {
        return outlook;
    }
    const auto window = std::ranges::upper_bound(openings.install, now, {}, &calendar::Span::end);
    if (window != openings.install.end() && !rollout.policy.windows.empty()) {
        outlook.window = *window;
    }
    outlook.next = next_step(rollout, Holds(rollout, openings, now, elsewhere), now);
    return outlook;
}

}  // namespace thimble::rollout
