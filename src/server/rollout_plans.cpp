#include "thimble/server/rollout_plans.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/model/approval.hpp"
#include "thimble/model/frozen_set.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/server/rollout_state.hpp"
#include "thimble/store/exceptions.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/taken_back.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace thimble::server {
namespace {

/// What an exception keeps away from a host, or was taken back in its group, is not planned there, whoever asks for it.
model::PlanSelection keep_away(
    model::PlanSelection wanted, const std::vector<std::string>& sources) {
    for (const std::string& source : sources) {
        const bool is_there = std::ranges::find(wanted.excluded, source) != wanted.excluded.end();
        if (!is_there && wanted.excluded.size() < protocol::kMaxSelectedNames) {
            wanted.excluded.push_back(source);
        }
    }
    return wanted;
}

}  // namespace

Result<std::string> system_of(store::Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(const auto host, store::host_of_id(connection, host_id));
    return host ? host->operating_system + " " + host->architecture : std::string();
}

Result<RolloutTurn> turn_of(store::Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(const auto rollout, store::rollout_of(connection, deployment_id));
    if (!rollout) {
        return RolloutTurn();
    }
    return RolloutTurn{true, rollout->phase == "done" || rollout->phase == "cancelled"};
}

Result<std::chrono::minutes> returns_within(
    Context& context, store::Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(const auto rollout, store::rollout_of(connection, deployment_id));
    if (!rollout) {
        return std::chrono::ceil<std::chrono::minutes>(rollout::RebootPolicy().returns_within);
    }
    THIMBLE_TRY(const rollout::Policy policy, policy_of(context, *rollout));
    std::chrono::seconds hooks{0};
    for (const model::OwnerHook& hook : policy.hooks) {
        const bool is_around_reboot =
            hook.step == model::HookStep::Drain || hook.step == model::HookStep::Undrain;
        hooks += is_around_reboot ? hook.limit : std::chrono::seconds(0);
    }
    return std::chrono::ceil<std::chrono::minutes>(
        policy.reboot.returns_within + policy.host_health.settle + hooks);
}

Result<std::vector<model::OwnerHook>> hooks_for(
    Context& context, store::Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(const auto rollout, store::rollout_of(connection, deployment_id));
    if (!rollout) {
        return std::vector<model::OwnerHook>();
    }
    THIMBLE_TRY(const rollout::Policy policy, policy_of(context, *rollout));
    return policy.hooks;
}

Result<std::optional<model::PlanHealth>> health_for(
    Context& context, store::Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(const auto rollout, store::rollout_of(connection, deployment_id));
    if (!rollout) {
        return std::optional<model::PlanHealth>();
    }
    THIMBLE_TRY(const rollout::Policy policy, policy_of(context, *rollout));
    return std::optional(policy.host_health);
}

Result<model::PlanSelection> selection_for(
    store::Connection& connection,
    const store::Deployment& deployment,
    const store::DeploymentHost& host) {
    THIMBLE_TRY(const JsonValue value, parse_json(deployment.selection));
    THIMBLE_TRY(model::PlanSelection wanted, protocol::parse_selection(value));
    THIMBLE_TRY(auto away, store::sources_kept_away(connection, host.host_id));
    THIMBLE_TRY(const auto back, store::sources_kept_back(connection, host.host_id));
    away.insert(away.end(), back.begin(), back.end());
    THIMBLE_TRY(const auto rollout, store::rollout_of(connection, deployment.id));
    // What begins anew after the freeze, in the first ring too, may get what was frozen and nothing that came since.
    if (!rollout || rollout->frozen_digest.empty()) {
        return keep_away(std::move(wanted), away);
    }
    THIMBLE_TRY(const auto set, model::FrozenSet::parse(rollout->frozen));
    THIMBLE_TRY(const std::string system, system_of(connection, host.host_id));
    // A system that the first ring does not have plans what the policy selects, and is refused by the set.
    const model::PlanSelection named = set.selection_for(system, wanted);
    return keep_away(named.packages.empty() ? wanted : named, away);
}

Result<std::string> why_outside_rollout(
    store::Connection& connection, const store::DeploymentHost& host, const model::Plan& plan) {
    THIMBLE_TRY(auto rollout, store::rollout_of(connection, host.deployment_id));
    if (!rollout) {
        return std::string();
    }
    THIMBLE_TRY(auto set, model::FrozenSet::parse(rollout->frozen));
    THIMBLE_TRY(const std::string system, system_of(connection, host.host_id));
    if (rollout->frozen_digest.empty() && host.ring == 0) {
        set.add(system, plan);
        rollout->frozen = set.json();
        THIMBLE_TRY(store::set_rollout(connection, *rollout));
    }
    return set.why_outside(system, plan);
}

Result<std::string> why_behind_rollout(
    store::Connection& connection,
    const store::DeploymentHost& host,
    const std::vector<model::LeftOut>& left_out,
    const std::vector<std::string>& excluded) {
    THIMBLE_TRY(const auto rollout, store::rollout_of(connection, host.deployment_id));
    if (!rollout) {
        return std::string();
    }
    THIMBLE_TRY(const auto set, model::FrozenSet::parse(rollout->frozen));
    THIMBLE_TRY(const std::string system, system_of(connection, host.host_id));
    return set.why_behind(system, left_out, excluded);
}

Result<std::optional<bool>> carries(
    store::Connection& connection,
    const store::RolloutRecord& rollout,
    const std::string& host_id,
    const std::string& source) {
    if (rollout.frozen_digest.empty()) {
        return std::optional<bool>();
    }
    THIMBLE_TRY(const auto set, model::FrozenSet::parse(rollout.frozen));
    THIMBLE_TRY(const std::string system, system_of(connection, host_id));
    return std::optional(set.has(system, source));
}

Result<std::string> approval_evidence(
    store::Connection& connection, const std::string& deployment_id, const std::string& host_id) {
    THIMBLE_TRY(const auto rollout, store::rollout_of(connection, deployment_id));
    if (!rollout) {
        return std::string();
    }
    THIMBLE_TRY(const auto signatures, store::signatures_of(connection, deployment_id));
    if (signatures.empty()) {
        return std::string();
    }
    THIMBLE_TRY(const auto set, model::FrozenSet::parse(rollout->frozen));
    model::ApprovalEvidence evidence;
    THIMBLE_TRY(evidence.system, system_of(connection, host_id));
    evidence.part = set.part(evidence.system);
    evidence.digests = set.part_digests();
    for (const store::RolloutSignature& signature : signatures) {
        if (evidence.approvals.size() < model::kMaxApprovals) {
            evidence.approvals.push_back({signature.statement, signature.signature});
        }
    }
    const std::string text = model::format_approval_evidence(evidence);
    // A host that asks for it then says that none came; one that does not is not kept from its patch.
    return text.size() <= model::kMaxEvidenceBytes ? text : std::string();
}

}  // namespace thimble::server
