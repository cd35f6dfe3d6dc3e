#include "thimble/model/approval.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/frozen_set.hpp"

#include <algorithm>

namespace thimble::model {
namespace {

Error not_approved(std::string why) {
    return failure(ErrorKind::Denied, "model.not_approved", std::move(why));
}

/// How far the clocks of a person and of a host may be apart.
constexpr std::chrono::minutes kClockTolerance{5};

bool takes_away(const PlannedStep& step) {
    return step.change == PlannedChange::Remove || step.change == PlannedChange::Downgrade;
}

bool holds(const ApprovalStatement& statement, const std::string& frozen, Instant now) {
    return statement.frozen == frozen && statement.approved_at <= now + kClockTolerance
        && now < statement.expires_at;
}

/// Why the part that a host was shown does not carry the plan; empty: it does.
Result<std::string> why_not_in_part(const ApprovalEvidence& evidence, const Plan& plan) {
    const auto digest = evidence.digests.find(evidence.system);
    if (digest == evidence.digests.end() || digest->second != sha256_of(evidence.part)) {
        return std::string("the part of " + evidence.system + " is not that of the set");
    }
    THIMBLE_TRY(const FrozenSet set, FrozenSet::of_part(evidence.system, evidence.part));
    const auto away = std::ranges::find_if(plan.steps, takes_away);
    if (away != plan.steps.end()) {
        return std::string(
            "it would remove or downgrade " + away->name + ", which no set approves");
    }
    return set.why_outside(evidence.system, plan);
}

}  // namespace

std::string format_approval_statement(const ApprovalStatement& statement) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.approval/1")
        .member("rollout", statement.rollout)
        .member("frozen", statement.frozen)
        .member("person", statement.person)
        .member("approved_at", format_instant(statement.approved_at))
        .member("expires_at", format_instant(statement.expires_at))
        .close_object();
    return text;
}

std::string format_approval_evidence(const ApprovalEvidence& evidence) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.approval-evidence/1")
        .member("system", evidence.system)
        .member("part", evidence.part)
        .key("digests")
        .open_object();
    for (const auto& digest : evidence.digests) {
        json.member(digest.first, digest.second);
    }
    json.close_object().key("approvals").open_array();
    for (const SignedApproval& approval : evidence.approvals) {
        json.open_object()
            .member("statement", approval.statement)
            .member("signature", approval.signature)
            .close_object();
    }
    json.close_array().close_object();
    return text;
}

Result<std::vector<FittingApproval>> fitting_approvals(
    const ApprovalEvidence& evidence, const Plan& plan, Instant now) {
    THIMBLE_TRY(std::string why, why_not_in_part(evidence, plan));
    if (!why.empty()) {
        return not_approved(std::move(why));
    }
    const std::string frozen = digest_of_parts(evidence.digests);
    std::vector<FittingApproval> fitting;
    fitting.reserve(evidence.approvals.size());
    for (const SignedApproval& approval : evidence.approvals) {
        const auto statement = parse_approval_statement(approval.statement);
        if (!statement || !holds(*statement, frozen, now)) {
            continue;
        }
        const auto same = std::ranges::find(fitting, statement->person, &FittingApproval::person);
        if (same == fitting.end()) {
            fitting.push_back({statement->person, approval});
        }
    }
    return fitting;
}

}  // namespace thimble::model
