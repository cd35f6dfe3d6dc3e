#include "thimble/prioritize/order_of_work.hpp"

#include "thimble/base/name_list.hpp"
#include "thimble/prioritize/patch_gathering.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace thimble::prioritize {
namespace {

using model::Decision;
using model::Finding;
using model::FindingStatus;
using model::Patch;

constexpr int kNextUpgrade = 1'000'000;  // later than every deadline in days

/// Smaller comes first.
auto urgency(const Decision& decision) {
    const auto down = [](auto value) {
        return -static_cast<std::int64_t>(value);
    };
    return std::tuple{
        !decision.kev,
        !decision.exploited_elsewhere,
        !decision.public_poc,
        decision.deadline ? static_cast<int>(decision.deadline->count()) : kNextUpgrade,
        down(decision.outcome),
        down(decision.exposure),
        down(decision.epss_millionths),
        down(decision.human_impact)};
}

bool has_fix(FindingStatus status) {
    return status == FindingStatus::AffectedFixAvailable
        || status == FindingStatus::FixedInstalledNotRunning
        || status == FindingStatus::AffectedFixNotInMyRepos;
}

class Ordering {
public:
    Ordering(
        const model::Inventory& inventory,
        const model::Assessment& assessment,
        const PriorityPolicy& policy,
        std::span<const Instant> detected_at,
        std::span<const HostControl> controls)
        : inventory_(inventory),
          assessment_(assessment),
          policy_(policy),
          detected_at_(detected_at),
          controls_(controls),
          exposures_(inventory, policy.exposure) {}

    model::OrderOfWork run() {
        const std::size_t findings = assessment_.findings.size();
        work_.decisions.reserve(findings);
        work_.decision_of_finding.reserve(findings);
        work_.due_of_finding.reserve(findings);
        for (std::size_t i = 0; i < findings; ++i) {
            decide_finding(i);
        }
        work_.patches = gather_patches(inventory_, assessment_);
        work_.other_updates = static_cast<std::uint32_t>(
            std::erase_if(work_.patches, [](const Patch& patch) { return !patch.security; }));
        for (Patch& patch : work_.patches) {
            settle(patch);
        }
        sort_patches();
        return std::move(work_);
    }

private:
    void decide_finding(std::size_t index) {
        const Finding& finding = assessment_.findings[index];
        const std::string& source = inventory_.packages[finding.package].source_name;
        const model::VulnerabilityFacts& facts = assessment_.vulnerabilities[finding.vulnerability];
        const auto number = static_cast<std::uint32_t>(index);
        const std::uint32_t bare = decision_for(finding, nullptr);
        const Shield shield = controls_.empty() || !model::is_open(finding.status)
            ? Shield{}
            : shield_of(
                  controls_, facts.id, on_host(source), model::attack_reach(facts.cvss_vectors));
        const std::uint32_t chosen =
            shield.control == nullptr ? bare : decision_for(finding, shield.control);
        work_.decision_of_finding.push_back(chosen);
        work_.due_of_finding.push_back(
            due_date(work_.decisions[chosen], facts, policy_, detected_at_[index]));
        const HostControl* const covering =
            shield.control != nullptr ? shield.control : shield.refused;
        if (covering != nullptr) {
            work_.mitigations.emplace(
                number,
                model::Mitigation{
                    covering->id,
                    covering->name,
                    shield.refusal ? std::nullopt : std::optional(covering->expires_at),
                    std::string(shield.refusal ? shield_refusal_text(*shield.refusal) : ""),
                    bare,
                    due_date(work_.decisions[bare], facts, policy_, detected_at_[index])});
        }
    }

    /// What hardening is measured against.
    [[nodiscard]] SourceOnHost on_host(const std::string& source) const {
        SourceOnHost known{source};
        const bool is_asked =
            std::ranges::find(controls_, model::ControlKind::Hardening, &HostControl::kind)
            != controls_.end();
        if (!is_asked) {
            return known;
        }
        known.listens = exposures_.listens(source);
        std::set<std::string_view> packages;
        for (const model::InstalledPackage& package : inventory_.packages) {
            if (package.source_name == source) {
                packages.insert(package.name);
            }
        }
        for (const model::Listener& listener : inventory_.listeners) {
            if (!listener.loopback && packages.contains(listener.package)) {
                known.programs.emplace_back(listener.command);
            }
        }
        return known;
    }

    /// The number of the decision about a finding, behind a control or bare.
    std::uint32_t decision_for(const Finding& finding, const HostControl* control) {
        const Exposure& exposure = exposures_.of(inventory_.packages[finding.package].source_name);
        const bool is_fixable = has_fix(finding.status);
        const auto key = std::tuple{finding.vulnerability, &exposure, is_fixable, control};
        const auto next = static_cast<std::uint32_t>(work_.decisions.size());
        const auto [at, inserted] = decided_.try_emplace(key, next);
        if (inserted) {
            work_.decisions.push_back(decide(
                assessment_.vulnerabilities[finding.vulnerability],
                control == nullptr ? exposure : behind(*control, exposure),
                policy_,
                is_fixable));
        }
        return at->second;
    }

    [[nodiscard]] const Decision& decision_of(std::uint32_t finding) const {
        return work_.decisions[work_.decision_of_finding[finding]];
    }

    /// Orders the findings of a patch; the first one's decision is the patch's, the earliest due
    /// date is its due date.
    void settle(Patch& patch) const {
        if (patch.findings.empty()) {
            const Exposure& exposure = exposures_.of(patch.source);
            patch.decision = decide({}, exposure, policy_, true);
            patch.due.rule = "security archive, vulnerabilities not known";
            return;
        }
        std::stable_sort(
            patch.findings.begin(),
            patch.findings.end(),
            [this](std::uint32_t left, std::uint32_t right) {
                return comes_before(decision_of(left), decision_of(right));
            });
        patch.decision = decision_of(patch.findings.front());
        patch.due = work_.due_of_finding[patch.findings.front()];
        for (const std::uint32_t finding : patch.findings) {
            const model::DueDate& due = work_.due_of_finding[finding];
            if (due.due && (!patch.due.due || *due.due < *patch.due.due)) {
                patch.due = due;
            }
            const std::uint32_t number = assessment_.findings[finding].vulnerability;
            if (std::find(patch.vulnerabilities.begin(), patch.vulnerabilities.end(), number)
                == patch.vulnerabilities.end()) {
                patch.vulnerabilities.push_back(number);
            }
        }
    }

    void sort_patches() {
        using Rank = std::tuple<decltype(urgency({})), Instant, int, std::string_view, std::size_t>;
        std::vector<Rank> ranks;
        ranks.reserve(work_.patches.size());
        for (const Patch& patch : work_.patches) {
            ranks.emplace_back(
                urgency(patch.decision),
                oldest(patch),
                -static_cast<int>(patch.vulnerabilities.size()),
                patch.source,
                ranks.size());
        }
        std::sort(ranks.begin(), ranks.end());
        std::vector<Patch> sorted;
        sorted.reserve(ranks.size());
        for (const Rank& rank : ranks) {
            sorted.push_back(std::move(work_.patches[std::get<std::size_t>(rank)]));
        }
        work_.patches = std::move(sorted);
    }

    /// When the oldest finding of the patch was first seen: older work goes first.
    [[nodiscard]] Instant oldest(const Patch& patch) const {
        Instant oldest = Instant::max();
        for (const std::uint32_t finding : patch.findings) {
            oldest = std::min(oldest, detected_at_[finding]);
        }
        return oldest;
    }

    const model::Inventory& inventory_;
    const model::Assessment& assessment_;
    const PriorityPolicy& policy_;
    std::span<const Instant> detected_at_;
    std::span<const HostControl> controls_;
    ExposureMap exposures_;
    std::map<std::tuple<std::uint32_t, const Exposure*, bool, const HostControl*>, std::uint32_t>
        decided_;
    model::OrderOfWork work_;
};

}  // namespace

bool comes_before(const Decision& left, const Decision& right) {
    return urgency(left) < urgency(right);
}

model::OrderOfWork order_of_work(
    const model::Inventory& inventory,
    const model::Assessment& assessment,
    const PriorityPolicy& policy,
    std::span<const Instant> detected_at,
    std::span<const HostControl> controls) {
    THIMBLE_CHECK(detected_at.size() == assessment.findings.size());
    return Ordering(inventory, assessment, policy, detected_at, controls).run();
}

std::optional<model::Gap> gap_of_unnamed_vulnerabilities(const model::OrderOfWork& work) {
    constexpr std::size_t kMostNamed = 5;
    std::vector<std::string> names;
    for (const Patch& patch : work.patches) {
        if (!model::vulnerabilities_known(patch)) {
            names.push_back(patch.source);
        }
    }
    if (names.empty()) {
        return std::nullopt;
    }
    return model::Gap{
        "prioritize.unnamed_vulnerabilities",
        "which CVEs " + std::to_string(names.size())
            + (names.size() == 1 ? " patch closes" : " patches close")
            + " is not known, since no feed and no changelog that was read names any: "
            + some_names(names, kMostNamed),
        ""};
}

}  // namespace thimble::prioritize
