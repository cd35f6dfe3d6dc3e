#include "thimble/fleet/judge_host.hpp"

#include "thimble/assess/assess.hpp"
#include "thimble/assess/vulnerability_list.hpp"
#include "thimble/fleet/unpatched.hpp"
#include "thimble/model/decision.hpp"
#include "thimble/prioritize/order_of_work.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

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

/// What counts against a finding; nullptr: nothing does.
const model::Mitigation* shield_of(const model::OrderOfWork& work, std::uint32_t finding) {
    const auto found = work.mitigations.find(finding);
    const bool counts = found != work.mitigations.end() && found->second.until.has_value();
    return counts ? &found->second : nullptr;
}

/// What would be said of the patch without controls.
void add_bare(const model::Patch& patch, const model::OrderOfWork& work, HostPatch& row) {
    row.bare_outcome = row.outcome;
    row.bare_due = row.due;
    const model::Decision* worst = nullptr;
    for (const std::uint32_t finding : patch.findings) {
        const auto* const shield = shield_of(work, finding);
        const model::Decision& bare =
            work.decisions
                [shield != nullptr ? shield->bare_decision : work.decision_of_finding[finding]];
        const model::DueDate& due =
            shield != nullptr ? shield->bare_due : work.due_of_finding[finding];
        if (worst == nullptr || prioritize::comes_before(bare, *worst)) {
            worst = &bare;
            row.bare_outcome = model::ssvc_outcome_name(bare.outcome);
        }
        if (due.due && (!row.bare_due || *due.due < *row.bare_due)) {
            row.bare_due = due.due;
        }
    }
}

/// Of a patch all of which is shielded: by what that ends first.
void add_shield(const model::Patch& patch, const model::OrderOfWork& work, HostPatch& row) {
    const model::Mitigation* first = nullptr;
    for (const std::uint32_t finding : patch.findings) {
        const auto* const shield = shield_of(work, finding);
        if (shield == nullptr) {
            return;
        }
        first = first == nullptr || shield->until < first->until ? shield : first;
    }
    if (first != nullptr) {
        row.mitigated_by = first->control;
        row.mitigated_until = first->until;
    }
}

/// Whether nobody waits with it for a window.
bool is_urgent(const model::Decision& decision) {
    return decision.kev || decision.exploited_elsewhere
        || (decision.public_poc && decision.outcome >= model::SsvcOutcome::OutOfCycle);
}

/// @param detected  when each finding was first seen
std::map<std::string, Instant> urgent_of(
    const model::Patch& patch,
    const model::Assessment& assessment,
    const model::OrderOfWork& work,
    const std::vector<Instant>& detected) {
    std::map<std::string, Instant> urgent;
    for (const std::uint32_t at : patch.findings) {
        const std::string& id =
            assessment.vulnerabilities[assessment.findings[at].vulnerability].id;
        if (id.empty() || !is_urgent(work.decisions[work.decision_of_finding[at]])) {
            continue;
        }
        const auto [one, is_new] = urgent.try_emplace(id, detected[at]);
        one->second = std::min(one->second, detected[at]);
    }
    return urgent;
}

HostPatch row_of(
    const model::Inventory& inventory,
    const model::Patch& patch,
    const model::Assessment& assessment,
    const model::OrderOfWork& work,
    const std::vector<Instant>& detected) {
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
        .vulnerabilities = {},
        .mitigated_by = {},
        .mitigated_until = {},
        .bare_outcome = {},
        .bare_due = {},
        .urgent = urgent_of(patch, assessment, work, detected),
        .package_type =
            patch.packages.empty() ? "" : inventory.packages[patch.packages.front()].type};
    for (const std::uint32_t vulnerability : patch.vulnerabilities) {
        row.vulnerabilities.push_back(assessment.vulnerabilities[vulnerability].id);
    }
    add_bare(patch, work, row);
    add_shield(patch, work, row);
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
    const KnownHost& known,
    Instant now) {
    HostJudgement judgement;
    const std::vector<Instant> detected =
        detection_times(inventory, assessment, known.first_seen, now, judgement.newly_seen);
    const model::OrderOfWork work =
        prioritize::order_of_work(inventory, assessment, policy, detected, known.controls);
    for (const model::Patch& patch : work.patches) {
        judgement.patches.push_back(row_of(inventory, patch, assessment, work, detected));
    }
    judgement.unpatched = unpatched_sources(inventory, assessment, work);
    judgement.needed_controls = needed_controls(inventory, assessment, known);
    judgement.numbers = report::summarise({inventory, assessment, work, {}, {}, now});
    judgement.gaps = assessment.gaps;
    judgement.is_index_asked = inventory.index.asked;
    return judgement;
}

}  // namespace

Result<model::VulnerabilityFacts> facts_of(const catalog::Catalog* catalog, const std::string& id) {
    if (catalog != nullptr) {
        THIMBLE_TRY(const catalog::FactTable table, catalog->facts_of(id));
        if (const auto* const record = table.find(id)) {
            return assess::facts_of_record(table, *record);
        }
    }
    model::VulnerabilityFacts facts;
    facts.id = id;
    return facts;
}

Result<HostJudgement> judge_host(
    const model::Inventory& inventory,
    const catalog::Catalog* catalog,
    const prioritize::PriorityPolicy& policy,
    const KnownHost& known,
    Instant now) {
    return HostJudge(catalog, policy, now).judge("", inventory, known);
}

namespace {

bool comes_before(const HostFinding& left, const HostFinding& right) {
    const bool is_left_known = left.status != model::FindingStatus::Unknown;
    const bool is_right_known = right.status != model::FindingStatus::Unknown;
    if (is_left_known != is_right_known) {
        return is_left_known;
    }
    if (prioritize::comes_before(left.decision, right.decision)) {
        return true;
    }
    if (prioritize::comes_before(right.decision, left.decision)) {
        return false;
    }
    const auto rank = [](const HostFinding& finding) {
        return std::pair(
            finding.due.due.value_or(Instant::max()),
            -static_cast<int>(finding.facts.cvss.score_tenths));
    };
    return rank(left) < rank(right);
}

/// Equal ones stay in their order.
void number_by_urgency(std::vector<HostFinding>& findings) {
    std::vector<std::uint32_t> places(findings.size());
    std::iota(places.begin(), places.end(), 0U);
    std::ranges::stable_sort(places, [&](std::uint32_t left, std::uint32_t right) {
        return comes_before(findings[left], findings[right]);
    });
    for (std::uint32_t place = 0; place < places.size(); ++place) {
        findings[places[place]].urgency = place + 1;
    }
}

}  // namespace

Result<std::vector<HostFinding>> findings_of_host(
    const model::Inventory& inventory,
    const catalog::Catalog* catalog,
    const KnownHost& known,
    Instant now) {
    THIMBLE_TRY(const model::Assessment assessment, assessment_of(inventory, catalog, now));
    prioritize::PriorityPolicy policy;
    policy.kev_known = has_kev(catalog);
    FirstSeen ignored;
    const std::vector<Instant> detected =
        detection_times(inventory, assessment, known.first_seen, now, ignored);
    const model::OrderOfWork work =
        prioritize::order_of_work(inventory, assessment, policy, detected, known.controls);
    const prioritize::ExposureMap exposures(inventory, policy.exposure);
    std::vector<HostFinding> findings;
    for (std::uint32_t at = 0; at < assessment.findings.size(); ++at) {
        const model::Finding& finding = assessment.findings[at];
        if (!model::is_open(finding.status)) {
            continue;
        }
        const model::InstalledPackage& package = inventory.packages[finding.package];
        HostFinding& open = findings.emplace_back(HostFinding{
            package,
            assessment.vulnerabilities[finding.vulnerability],
            finding.status,
            finding.reason,
            finding.fixed_version,
            finding.called_unimportant_by,
            work.decisions[work.decision_of_finding[at]],
            work.due_of_finding[at],
            detected[at],
            exposures.of(package.source_name),
            std::nullopt,
            work.decisions[work.decision_of_finding[at]],
            0});
        if (const auto found = work.mitigations.find(at); found != work.mitigations.end()) {
            open.mitigation = found->second;
            open.bare_decision = work.decisions[found->second.bare_decision];
        }
    }
    number_by_urgency(findings);
    return findings;
}

HostJudge::HostJudge(
    const catalog::Catalog* catalog, prioritize::PriorityPolicy policy, Instant now)
    : catalog_(catalog), policy_(policy), now_(now) {
    policy_.kev_known = has_kev(catalog);
}

Result<HostJudgement> HostJudge::judge(
    const std::string& digest, const model::Inventory& inventory, const KnownHost& known) {
    if (!assessment_ || digest_ != digest) {
        judgement_.reset();
        assessment_.reset();
        THIMBLE_TRY(assessment_, assessment_of(inventory, catalog_, now_));
        digest_ = digest;
        ++assessments_;
    }
    if (!judgement_ || known_ != known) {
        judgement_ = judgement_of(inventory, *assessment_, policy_, known, now_);
        known_ = known;
    }
    return *judgement_;
}

}  // namespace thimble::fleet
