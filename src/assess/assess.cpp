#include "thimble/assess/assess.hpp"

#include "thimble/assess/changelog_evidence.hpp"
#include "thimble/assess/host_gaps.hpp"
#include "thimble/assess/host_sections.hpp"
#include "thimble/assess/kernel_package.hpp"
#include "thimble/assess/offered_fix.hpp"
#include "thimble/assess/section_judge.hpp"
#include "thimble/assess/subject.hpp"
#include "thimble/assess/vulnerability_list.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <tuple>

namespace thimble::assess {
namespace {

using model::Finding;
using model::FindingStatus;
using model::InstalledPackage;

class HostAssessment {
public:
    HostAssessment(
        const model::Inventory& inventory,
        const catalog::Catalog* catalog,
        const AssessOptions& options)
        : inventory_(inventory),
          catalog_(catalog),
          options_(options),
          offered_(inventory),
          kernel_(choose_kernel(inventory.packages, inventory.kernel)) {}

    Result<model::Assessment> run() {
        for (const SectionName& name : sections_of(inventory_.os)) {
            THIMBLE_TRY(const OpenSection* section, open(name.key, name.channel));
            if (section != nullptr) {
                distribution_.push_back(section);
            }
        }
        for (std::uint32_t i = 0; i < inventory_.packages.size(); ++i) {
            THIMBLE_TRY(assess_package(i));
        }
        THIMBLE_TRY(add_changelog_findings());
        sort_findings();
        assessment_.vulnerabilities = vulnerabilities_.take();
        assessment_.gaps = host_gaps(
            inventory_, catalog_, {options_.now, options_.index_budget, !distribution_.empty()});
        return std::move(assessment_);
    }

private:
    /// nullptr when the catalog has no such section.
    Result<const OpenSection*> open(const std::string& key, Channel channel) {
        const auto known = std::ranges::find(sections_, key, &OpenSection::key);
        if (known != sections_.end()) {
            return &*known;
        }
        if (catalog_ == nullptr) {
            return nullptr;
        }
        THIMBLE_TRY(const auto section, catalog_->section(key));
        if (!section) {
            return nullptr;
        }
        numbers_.emplace_back(section->facts().facts().size());
        const auto index = static_cast<std::uint32_t>(sections_.size());
        return &sections_.emplace_back(OpenSection{*section, channel, key, index});
    }

    Result<void> assess_package(std::uint32_t index) {
        const InstalledPackage& package = inventory_.packages[index];
        const Subject subject = subject_of(inventory_.os, package, kernel_.running == index);
        if (subject.kind == SubjectKind::Language) {
            return ask_section_of(subject, index, "no_data_for_ecosystem");
        }
        if (subject.kind == SubjectKind::ThirdParty) {
            add(index, 0, FindingStatus::Unknown, "", "third_party_package");
            return {};
        }
        if (!judged_by_distribution(index) && subject.kind != SubjectKind::Backport) {
            return {};
        }
        if (kernel_.newest == index && !kernel_.running && !inventory_.kernel.container) {
            add(index, 0, FindingStatus::Unknown, "", "running_kernel_not_installed");
        }
        if (subject.kind == SubjectKind::Backport) {
            // The ranges of the release it runs on speak of other versions.
            return ask_section_of(subject, index, "backport_of_a_release_without_data");
        }
        if (subject.kind == SubjectKind::Distribution) {
            ask(distribution_, subject, index);
        }
        return {};
    }

    /// Asks the one section that the subject names; without it the package is unknown for `reason`.
    Result<void> ask_section_of(
        const Subject& subject, std::uint32_t index, std::string_view reason) {
        THIMBLE_TRY(const OpenSection* section, open(subject.section, Channel::Standard));
        if (section == nullptr) {
            add(index, 0, FindingStatus::Unknown, "", reason);
            return {};
        }
        ask({&section, 1}, subject, index);
        return {};
    }

    /// Whether there is anything that could judge the package; says Unknown when there is not.
    bool judged_by_distribution(std::uint32_t index) {
        if (unjudged_reason_ == nullptr) {
            unjudged_reason_ =
                &unjudged_.emplace(host_unjudged_reason(inventory_, catalog_, options_.now));
        }
        if (unjudged_reason_->empty()) {
            return true;
        }
        // A release past its end still has old advisories; they are asked, and the rest is unknown.
        if (inventory_.packages[index].type != "deb"
            || kernel_package(inventory_.packages[index]).role != KernelRole::Companion) {
            add(index, 0, FindingStatus::Unknown, "", *unjudged_reason_);
        }
        return !distribution_.empty();
    }

    [[nodiscard]] Asked asked_of(const Subject& subject, std::uint32_t index) const {
        const InstalledPackage& package = inventory_.packages[index];
        return {
            subject.name,
            subject.version,
            subject.source_name,
            subject.source_version,
            package.architecture,
            package.module_stream};
    }

    void ask(SpeakingSections sections, const Subject& subject, std::uint32_t index) {
        judge_in(sections, asked_of(subject, index), [&](const SectionVerdict& said) {
            report(index, said);
        });
    }

    void report(std::uint32_t index, const SectionVerdict& said) {
        const Verdict& verdict = said.verdict;
        if (!options_.include_closed && !model::is_open(verdict.status)) {
            return;
        }
        const OpenSection& section = *said.section;
        const auto* fact = section.section.fact(verdict.fact);
        if (fact == nullptr) {
            return;
        }
        std::uint32_t& number = numbers_[section.index][verdict.fact];
        if (number == 0) {
            number = vulnerabilities_.number(section.section.facts(), *fact);
        }
        Finding& finding =
            add(index, number, verdict.status, verdict.fixed_version, verdict.reason);
        if (verdict.unimportant) {
            finding.called_unimportant_by = section.key.substr(0, section.key.find(':'));
        }
        if (finding.status == FindingStatus::AffectedFixAvailable) {
            place_fix(finding, section.channel);
        }
        add_evidence(finding, section, verdict);
    }

    /// Where the fix is: offered, only elsewhere, or installed and not running.
    void place_fix(Finding& finding, Channel channel) {
        const InstalledPackage& package = inventory_.packages[finding.package];
        if (kernel_.running == finding.package && kernel_.newest != kernel_.running
            && kernel_.newest) {
            const InstalledPackage& newest = inventory_.packages[*kernel_.newest];
            const model::VersionOrder* order = model::version_order_named(newest.type);
            if (order->compare(kernel_source(newest).version, finding.fixed_version) >= 0) {
                finding.status = FindingStatus::FixedInstalledNotRunning;
                finding.reason = "older_kernel_running";
                return;
            }
        }
        const std::string_view blocked = offered_.why_not(package, finding.fixed_version, channel);
        if (!blocked.empty()) {
            finding.status = FindingStatus::AffectedFixNotInMyRepos;
            finding.reason = blocked;
        } else if (!offered_.asked()) {
            finding.reason = "offers_not_asked";
        }
    }

    void add_evidence(Finding& finding, const OpenSection& section, const Verdict& verdict) {
        const auto* advisory = section.section.advisory(verdict.advisory);
        if (advisory == nullptr) {
            return;
        }
        const InstalledPackage& package = inventory_.packages[finding.package];
        model::Evidence evidence;
        evidence.feed = section.section.text(advisory->feed);
        evidence.record = section.section.text(advisory->id);
        if (advisory->modified_day != catalog::format::kNoDay) {
            evidence.as_of = Instant{Days{advisory->modified_day}};
        }
        std::string& statement = evidence.statement;
        statement.reserve(
            section.key.size() + package.source_name.size() + package.source_version.size()
            + verdict.fixed_version.size() + 8);
        statement += section.key;
        statement += ' ';
        statement += package.source_name;
        statement += ' ';
        statement += package.source_version;
        if (!verdict.fixed_version.empty()) {
            evidence.statement += verdict.status == FindingStatus::Fixed ? " >= " : " < ";
            evidence.statement += verdict.fixed_version;
        }
        if (verdict.contradicted) {
            evidence.statement += "; the record lists this version as affected beyond its own fix";
        }
        finding.evidence.push_back(std::move(evidence));
    }

    Finding& add(
        std::uint32_t index,
        std::uint32_t vulnerability,
        FindingStatus status,
        std::string_view fixed_version,
        std::string_view reason) {
        Finding& finding = assessment_.findings.emplace_back();
        finding.vulnerability = vulnerability;
        finding.package = index;
        finding.status = status;
        finding.fixed_version = fixed_version;
        finding.reason = reason;
        return finding;
    }

    /// Changelogs of offered updates name vulnerabilities that no feed told us about this package.
    Result<void> add_changelog_findings() {
        for (const model::ChangelogEvidence& changelog : inventory_.changelogs) {
            THIMBLE_TRY(add_changelog_findings_of(changelog));
        }
        return {};
    }

    Result<void> add_changelog_findings_of(const model::ChangelogEvidence& changelog) {
        for (std::uint32_t i = 0; i < inventory_.packages.size(); ++i) {
            if (speaks_of(changelog, inventory_.packages[i])) {
                THIMBLE_TRY(add_changelog_findings_of(changelog, i));
            }
        }
        return {};
    }

    Result<void> add_changelog_findings_of(
        const model::ChangelogEvidence& changelog, std::uint32_t index) {
        const Subject subject =
            subject_of(inventory_.os, inventory_.packages[index], kernel_.running == index);
        const OpenSection* own = nullptr;
        if (!subject.section.empty()) {
            THIMBLE_TRY(own, open(subject.section, Channel::Standard));
        }
        const SpeakingSections own_alone(&own, own == nullptr ? 0 : 1);
        const SpeakingSections speaking =
            subject.section.empty() ? SpeakingSections(distribution_) : own_alone;
        for (const std::string& id : changelog.vulnerabilities) {
            const std::uint32_t number = vulnerabilities_.number(catalog_, id);
            // Who judges the package decides, if it has a word on the vulnerability.
            if (judge_about(speaking, asked_of(subject, index), id) || has_finding(index, number)) {
                continue;
            }
            Finding& finding =
                add(index, number, FindingStatus::AffectedFixAvailable, changelog.to_version, "");
            finding.evidence.push_back(
                {"changelog",
                 changelog.read_from,
                 "fixed between " + changelog.from_version + " and " + changelog.to_version,
                 {}});
        }
        return {};
    }

    [[nodiscard]] bool has_finding(std::uint32_t index, std::uint32_t number) const {
        return std::any_of(
            assessment_.findings.begin(), assessment_.findings.end(), [&](const Finding& finding) {
                return finding.package == index && finding.vulnerability == number;
            });
    }

    void sort_findings() {
        std::vector<Finding>& findings = assessment_.findings;
        const auto before = [this](const Finding& left, const Finding& right) {
            return std::tie(left.package, vulnerabilities_.id(left.vulnerability))
                < std::tie(right.package, vulnerabilities_.id(right.vulnerability));
        };
        // One section gives them in order already, and sorting would copy them all.
        if (!std::is_sorted(findings.begin(), findings.end(), before)) {
            std::stable_sort(findings.begin(), findings.end(), before);
        }
    }

    const model::Inventory& inventory_;
    const catalog::Catalog* catalog_;
    const AssessOptions& options_;
    OfferedFixes offered_;
    KernelChoice kernel_;
    std::deque<OpenSection> sections_;  // stable addresses
    std::vector<std::vector<std::uint32_t>>
        numbers_;  // of each section: fact index → vulnerability number, 0 not yet
    std::vector<const OpenSection*> distribution_;  // which speak for its own packages
    VulnerabilityList vulnerabilities_;
    model::Assessment assessment_;
    std::optional<std::string> unjudged_;
    const std::string* unjudged_reason_ = nullptr;
};

}  // namespace

Result<model::Assessment> assess(
    const model::Inventory& inventory,
    const catalog::Catalog* catalog,
    const AssessOptions& options) {
    return HostAssessment(inventory, catalog, options).run();
}

}  // namespace thimble::assess
