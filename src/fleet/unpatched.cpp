#include "thimble/fleet/unpatched.hpp"

#include "thimble/prioritize/order_of_work.hpp"
#include "thimble/report/scan_report.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace thimble::fleet {
namespace {

constexpr std::size_t kMostNamed = 100;

bool is_exploited(const model::Decision& decision) {
    return decision.kev || decision.exploited_elsewhere;
}

class Gathering {
public:
    Gathering(
        const model::Inventory& inventory,
        const model::Assessment& assessment,
        const model::OrderOfWork& work)
        : inventory_(inventory), assessment_(assessment), work_(work) {}

    std::vector<UnpatchedSource> run() {
        for (const model::Patch& patch : work_.patches) {
            add_patch(patch);
        }
        for (std::uint32_t at = 0; at < assessment_.findings.size(); ++at) {
            add_finding(at);
        }
        std::vector<UnpatchedSource> rows;
        rows.reserve(rows_.size());
        for (auto& [key, row] : rows_) {
            rows.push_back(std::move(row.said));
        }
        return rows;
    }

private:
    struct Growing {
        UnpatchedSource said;
        const model::Decision* worst = nullptr;
    };

    void add_patch(const model::Patch& patch) {
        const std::string reason(report::root_blocker(patch));
        const bool is_covered = std::ranges::any_of(patch.findings, [this](std::uint32_t finding) {
            return work_.mitigations.contains(finding);
        });
        if (reason.empty() && !is_covered) {
            return;
        }
        for (const std::uint32_t finding : patch.findings) {
            add(row_for(patch.source, patch.to_version, reason), finding);
        }
    }

    /// One that no patch closes.
    void add_finding(std::uint32_t at) {
        const model::Finding& finding = assessment_.findings[at];
        const model::Decision& decision = work_.decisions[work_.decision_of_finding[at]];
        const bool is_urgent = is_exploited(decision) || decision.public_poc
            || decision.outcome >= model::SsvcOutcome::OutOfCycle;
        if (finding.status == model::FindingStatus::AffectedNoFix
            && (is_urgent || work_.mitigations.contains(at))) {
            add(row_for(
                    inventory_.packages[finding.package].source_name,
                    "",
                    finding.reason.empty() ? "no_fix" : finding.reason),
                at);
        }
    }

    Growing& row_for(
        const std::string& source, const std::string& to_version, const std::string& reason) {
        Growing& row = rows_[{source, to_version}];
        row.said.source = source;
        row.said.to_version = to_version;
        row.said.reason = reason;
        return row;
    }

    void add(Growing& row, std::uint32_t finding) {
        UnpatchedSource& said = row.said;
        const std::string& id =
            assessment_.vulnerabilities[assessment_.findings[finding].vulnerability].id;
        const bool is_named =
            std::ranges::find(said.vulnerabilities, id) != said.vulnerabilities.end();
        if (!is_named && said.vulnerabilities.size() < kMostNamed) {
            said.vulnerabilities.push_back(id);
        }
        const model::Decision& decision = work_.decisions[work_.decision_of_finding[finding]];
        said.kev = said.kev || decision.kev;
        said.exploited = said.exploited || is_exploited(decision);
        if (row.worst == nullptr || prioritize::comes_before(decision, *row.worst)) {
            row.worst = &decision;
            said.outcome = model::ssvc_outcome_name(decision.outcome);
        }
        const model::InstalledPackage& package =
            inventory_.packages[assessment_.findings[finding].package];
        said.from_version = package.source_version;
        said.package_type = package.type;
        const auto& due = work_.due_of_finding[finding].due;
        if (due && (!said.due || *due < *said.due)) {
            said.due = due;
        }
        name_control(said, finding);
    }

    /// One that does not count is worth more to be seen than one that does.
    void name_control(UnpatchedSource& said, std::uint32_t finding) const {
        const auto found = work_.mitigations.find(finding);
        const bool is_worse = found != work_.mitigations.end()
            && (said.control.empty() || (said.refusal.empty() && !found->second.refusal.empty()));
        if (is_worse) {
            said.control = found->second.control;
            said.refusal = found->second.refusal;
        }
    }

    const model::Inventory& inventory_;
    const model::Assessment& assessment_;
    const model::OrderOfWork& work_;
    std::map<std::pair<std::string, std::string>, Growing> rows_;
};

}  // namespace

std::vector<UnpatchedSource> unpatched_sources(
    const model::Inventory& inventory,
    const model::Assessment& assessment,
    const model::OrderOfWork& work) {
    return Gathering(inventory, assessment, work).run();
}

std::vector<std::string> needed_controls(
    const model::Inventory& inventory,
    const model::Assessment& assessment,
    const KnownHost& known) {
    const bool is_hidden = std::ranges::any_of(assessment.gaps, report::hides_packages);
    std::vector<std::string> needed;
    for (const prioritize::HostControl& control : known.controls) {
        const auto was_open_in = [&](const std::string& source) {
            return std::ranges::any_of(known.first_seen, [&](const auto& seen) {
                return seen.first.second == source
                    && prioritize::covers(control, seen.first.first, source);
            });
        };
        const auto needs = [&](const model::Finding& finding) {
            const std::string& source = inventory.packages[finding.package].source_name;
            return finding.status == model::FindingStatus::Unknown
                ? was_open_in(source)
                : model::is_open(finding.status)
                    && prioritize::covers(
                        control, assessment.vulnerabilities[finding.vulnerability].id, source);
        };
        if (is_hidden || std::ranges::any_of(assessment.findings, needs)) {
            needed.push_back(control.id);
        }
    }
    std::ranges::sort(needed);
    return needed;
}

}  // namespace thimble::fleet
