#include "thimble/server/control_facts.hpp"

#include "thimble/rollout/outside_verdict.hpp"
#include "thimble/server/control_document.hpp"

#include <algorithm>

namespace thimble::server {
namespace {

using rollout::ControlState;

/// Why a control does not count on its host, whatever the finding.
std::optional<prioritize::ShieldRefusal> standing_refusal(
    const store::ControlRecord& record,
    const store::ControlHost& host,
    model::ControlKind kind,
    Instant now) {
    if (now >= record.expires_at) {
        return prioritize::ShieldRefusal::Expired;
    }
    if (control_state_of(host.state) != ControlState::Verified
        || !rollout::is_proven(controlled_host(host, record), terms_of(record), now)) {
        return prioritize::ShieldRefusal::NotVerified;
    }
    if (!host.bypass.empty()) {
        return prioritize::ShieldRefusal::Bypassed;
    }
    if (!rollout::counts_outside(host.outside)) {
        return prioritize::ShieldRefusal::NotProbed;
    }
    if (kind == model::ControlKind::VirtualPatch
        && host.mode != model::shield_mode_name(model::ShieldMode::Block)) {
        return prioritize::ShieldRefusal::DetectOnly;
    }
    return std::nullopt;
}

}  // namespace

ControlState control_state_of(const std::string& word) {
    return rollout::control_state_named(word).value_or(ControlState::Lapsed);
}

rollout::RetirementRule retirement_rule_of(const store::ControlRecord& record) {
    return rollout::retirement_rule_named(record.retirement)
        .value_or(rollout::RetirementRule::Propose);
}

bool is_control_up(ControlState state) {
    return state == ControlState::Deployed || state == ControlState::Verified
        || state == ControlState::Lapsed;
}

bool has_control_jobs(const store::ControlRecord& record) {
    return record.kind != model::control_kind_name(model::ControlKind::External);
}

rollout::ControlTerms terms_of(const store::ControlRecord& record) {
    const std::chrono::seconds interval(record.verify_seconds);
    return {
        interval,
        rollout::verification_slack(interval),
        record.expires_at,
        retirement_rule_of(record),
        !has_control_jobs(record)};
}

rollout::ControlledHost controlled_host(
    const store::ControlHost& host, const store::ControlRecord& record) {
    return {
        control_state_of(host.state),
        !host.job_id.empty(),
        host.digest == record.digest,
        static_cast<std::uint32_t>(host.tries),
        host.tried_at,
        std::max(host.installed_at, host.last_verified),
        host.attested_until};
}

prioritize::HostControl covering(const store::ControlRecord& record) {
    prioritize::HostControl control;
    control.id = record.id;
    control.name = record.name;
    control.kind = model::control_kind_named(record.kind).value_or(model::ControlKind::Monitoring);
    control.covers = record.covers;
    control.sources = record.sources;
    control.expires_at = record.expires_at;
    return control;
}

prioritize::HostControl on_host(
    const store::ControlRecord& record, const store::ControlHost& host, Instant now) {
    const auto document = parse_control_document(record.document);
    prioritize::HostControl control = covering(record);
    control.closes_listener = document && document->closes_listener;
    control.fenced_unit = document ? document->fenced_unit : "";
    control.refusal = standing_refusal(record, host, control.kind, now);
    return control;
}

}  // namespace thimble::server
