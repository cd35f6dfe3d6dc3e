#include "thimble/fleet/judge_host.hpp"

#include "thimble/assess/assess.hpp"
#include "thimble/model/decision.hpp"
#include "thimble/prioritize/order_of_work.hpp"

#include <algorithm>

namespace thimble::fleet {
namespace {

bool has_kev(const catalog::Catalog* catalog) {
    if (catalog == nullptr) {
        return false;
    }
    const auto sources = catalog->sources();
    return sources && std::ranges::find(*sources, "kev", &catalog::Source::feed) != sources->end();
}

/// Parallel to the findings; what is new goes to `newly_seen`.
std::vector<Instant> detection_times(
    const model::Inventory& inventory,
    const model::Assessment& assessment,
    const FirstSeen& first_seen,
    Instant now,
    FirstSeen& newly_seen) {
    std::vector<Instant> times;
    times.reserve(assessment.findings.size());
    for (const model::Finding& finding : assessment.findings) {
        Instant first = now;
        if (model::is_open(finding.status) && finding.vulnerability != 0) {
            std::pair key{
                assessment.vulnerabilities[finding.vulnerability].id,
                inventory.packages[finding.package].source_name};
            if (const auto known = first_seen.find(key); known != first_seen.end()) {
                first = std::min(known->second, now);
            } else {
                newly_seen.emplace(std::move(key), now);
            }
        }
        times.push_back(first);
    }
    return times;
}

HostPatch row_of(const model::Patch& patch, const model::Assessment& assessment) {
    HostPatch row{
        .source = patch.source,
        .from_version = patch.from_version,
        .to_version = patch.to_version,
        .state = report::readiness_name(report::readiness_of(patch)),
        .blocker = std::string(report::root_blocker(patch)),
        .blocker_detail = patch.blockers.empty() ? "" : patch.blockers.front().detail,
        .kev = patch.decision.kev,
        .exploited = patch.decision.kev || patch.decision.exploited_elsewhere,
        .public_exploit = patch.decision.public_poc,
        .outcome = model::ssvc_outcome_name(patch.decision.outcome),
        .due = patch.due.due,
        .due_rule = patch.due.rule,
        .restart = report::restart_name(patch.restart),
        .vulnerabilities = {}};
    for (const std::uint32_t vulnerability : patch.vulnerabilities) {
        row.vulnerabilities.push_back(assessment.vulnerabilities[vulnerability].id);
    }
    return row;
}

Result<model::Assessment> assessment_of(
    const model::Inventory& inventory, const catalog::Catalog* catalog, Instant now) {
    assess::AssessOptions options;
    options.now = now;
    return assess::assess(inventory, catalog, options);
}

/// What follows from an assessment; `policy` knows whether KEV is known.
HostJudgement judgement_of(
    const model::Inventory& inventory,
    const model::Assessment& assessment,
    const prioritize::PriorityPolicy& policy,
    const FirstSeen& first_seen,
    Instant now) {
    HostJudgement judgement;
    const std::vector<Instant> detected =
        detection_times(inventory, assessment, first_seen, now, judgement.newly_seen);
    const model::OrderOfWork work =
        prioritize::order_of_work(inventory, assessment, policy, detected);
    for (const model::Patch& patch : work.patches) {
        judgement.patches.push_back(row_of(patch, assessment));
    }
    judgement.numbers = report::summarise({inventory, assessment, work, {}, {}, now});
    judgement.gaps = assessment.gaps;
    judgement.is_index_asked = inventory.index.asked;
    return judgement;
}

}  // namespace

Result<HostJudgement> judge_host(
    const model::Inventory& inventory,
    const catalog::Catalog* catalog,
    const prioritize::PriorityPolicy& policy,
    const FirstSeen& first_seen,
    Instant now) {
    return HostJudge(catalog, policy, now).judge("", inventory, first_seen);
}

Result<std::vector<HostFinding>> findings_of_host(
    const model::Inventory& inventory,
    const catalog::Catalog* catalog,
    const FirstSeen& first_seen,
    Instant now) {
    THIMBLE_TRY(const model::Assessment assessment, assessment_of(inventory, catalog, now));
    prioritize::PriorityPolicy policy;
    policy.kev_known = has_kev(catalog);
    FirstSeen ignored;
    const std::vector<Instant> detected =
        detection_times(inventory, assessment, first_seen, now, ignored);
    const model::OrderOfWork work =
        prioritize::order_of_work(inventory, assessment, policy, detected);
    std::vector<HostFinding> findings;
    for (std::size_t at = 0; at < assessment.findings.size(); ++at) {
        const model::Finding& finding = assessment.findings[at];
        if (model::is_open(finding.status)) {
            findings.push_back(
                {inventory.packages[finding.package],
                 assessment.vulnerabilities[finding.vulnerability],
                 finding.status,
                 finding.reason,
                 finding.fixed_version,
                 work.decisions[work.decision_of_finding[at]],
                 work.due_of_finding[at],
                 detected[at]});
        }
    }
    return findings;
}

HostJudge::HostJudge(
    const catalog::Catalog* catalog, prioritize::PriorityPolicy policy, Instant now)
    : catalog_(catalog), policy_(policy), now_(now) {
    policy_.kev_known = has_kev(catalog);
}

Result<HostJudgement> HostJudge::judge(
    const std::string& digest, const model::Inventory& inventory, const FirstSeen& first_seen) {
    if (!assessment_ || digest_ != digest) {
        judgement_.reset();
        assessment_.reset();
        THIMBLE_TRY(assessment_, assessment_of(inventory, catalog_, now_));
        digest_ = digest;
        ++assessments_;
    }
    if (!judgement_ || first_seen_ != first_seen) {
        judgement_ = judgement_of(inventory, *assessment_, policy_, first_seen, now_);
        first_seen_ = first_seen;
    }
    return *judgement_;
}

}  // namespace thimble::fleet
