#include "thimble/prioritize/propose_controls.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace thimble::prioritize {
namespace {

using model::ControlKind;

/// What disturbs the least comes first.
constexpr std::array kByDisturbance{
    ControlKind::VirtualPatch,
    ControlKind::Segmentation,
    ControlKind::External,
    ControlKind::Hardening,
    ControlKind::Isolation,
    ControlKind::Monitoring};

std::string_view what_remains(ControlKind kind) {
    switch (kind) {
        case ControlKind::VirtualPatch:
            return "a form of the attack that the rule does not know, and every way to the service "
                   "that does not lead through the firewall";
        case ControlKind::Segmentation:
            return "whoever may still reach the port, and whatever breaks into one of those";
        case ControlKind::External:
            return "as segmentation; a change of the device is seen only by who attests it";
        case ControlKind::Hardening:
            return "an upgrade that brings the service back, until the next verification";
        case ControlKind::Isolation: return "the management network, and who is signed in already";
        case ControlKind::Monitoring:
            return "all of it: an attack is seen after it has begun, and the due date stays";
    }
    return {};
}

ControlProposal proposal_of(
    ControlKind kind, const ShieldedPlace& place, const PriorityPolicy& policy) {
    HostControl control;
    control.kind = kind;
    control.name = model::control_kind_name(kind);
    control.closes_listener = true;
    ControlProposal proposal;
    proposal.kind = kind;
    proposal.refusal = refusal_of(control, model::attack_reach(place.facts.cvss_vectors));
    proposal.decision = decide(
        place.facts,
        proposal.refusal ? place.exposure : behind(control, place.exposure),
        policy,
        place.has_fix);
    proposal.due = due_date(proposal.decision, place.facts, policy, place.detected_at);
    proposal.remains = what_remains(kind);
    return proposal;
}

}  // namespace

std::vector<ControlProposal> propose_controls(
    const ShieldedPlace& place, const PriorityPolicy& policy) {
    const model::Decision bare = decide(place.facts, place.exposure, policy, place.has_fix);
    const model::DueDate bare_due = due_date(bare, place.facts, policy, place.detected_at);
    std::vector<ControlProposal> proposals;
    proposals.reserve(kByDisturbance.size());
    for (const ControlKind kind : kByDisturbance) {
        ControlProposal& one = proposals.emplace_back(proposal_of(kind, place, policy));
        one.changes_decision = one.decision.outcome != bare.outcome || one.due.due != bare_due.due;
    }
    const bool exhausts = model::attack_reach(place.facts.cvss_vectors).only_availability;
    std::ranges::stable_sort(proposals, {}, [&](const ControlProposal& one) {
        const Instant due = one.due.due.value_or(Instant::max());
        return std::tuple(
            one.refusal.has_value(),
            !one.changes_decision,
            exhausts && one.kind == ControlKind::VirtualPatch,
            -due.time_since_epoch().count(),
            one.decision.outcome);
    });
    return proposals;
}

}  // namespace thimble::prioritize
