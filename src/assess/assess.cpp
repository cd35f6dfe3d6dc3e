#include "thimble/assess/assess.hpp"

#include "thimble/assess/host_gaps.hpp"
#include "thimble/assess/host_sections.hpp"
#include "thimble/assess/judge.hpp"
#include "thimble/assess/kernel_package.hpp"
#include "thimble/assess/offered_fix.hpp"
#include "thimble/assess/vulnerability_list.hpp"
#include "thimble/model/package_name.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace thimble::assess {
namespace {

using model::Finding;
using model::FindingStatus;
using model::InstalledPackage;

struct OpenSection {
    catalog::Section section;
    Channel channel = Channel::Standard;
    std::string key;
    std::vector<std::uint32_t> numbers;  // fact index → vulnerability number, 0 not yet
};

/// What is asked of the catalog for one installed package.
struct Subject {
    std::string name;
    std::string version;
    bool backport_without_release = false;
};

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
            THIMBLE_TRY(open(name.key, name.channel));
        }
        const std::size_t distribution_sections = sections_.size();
        for (std::uint32_t i = 0; i < inventory_.packages.size(); ++i) {
            THIMBLE_TRY(assess_package(i));
        }
        add_changelog_findings();
        sort_findings();
        assessment_.vulnerabilities = vulnerabilities_.take();
        assessment_.gaps = host_gaps(
            inventory_, catalog_, {options_.now, options_.index_budget, distribution_sections > 0});
        return std::move(assessment_);
    }

private:
    Result<OpenSection*> open(const std::string& key, Channel channel) {
        const auto known =
            std::find_if(sections_.begin(), sections_.end(), [&key](const auto& open) {
                return open->key == key;
            });
        if (known != sections_.end()) {
            return known->get();
        }
        if (catalog_ == nullptr) {
            return nullptr;
        }
        THIMBLE_TRY(auto section, catalog_->section(key));
        if (!section) {
            return nullptr;
        }
        std::vector<std::uint32_t> numbers(section->facts().facts().size());
        sections_.push_back(
            std::make_unique<OpenSection>(OpenSection{*section, channel, key, std::move(numbers)}));
        return sections_.back().get();
    }

    Result<void> assess_package(std::uint32_t index) {
        const InstalledPackage& package = inventory_.packages[index];
        if (const std::string_view language = language_section(package.type); !language.empty()) {
            THIMBLE_TRY(OpenSection * section, open(std::string(language), Channel::Standard));
            const Subject subject{
                model::fold_package_name(language, package.name), package.version, false};
            ask(section, subject, index);
            return {};
        }
        if (is_third_party(inventory_.os, package)) {
            add(index, 0, FindingStatus::Unknown, "", "third_party_package");
            return {};
        }
        if (!judged_by_distribution(index)) {
            return {};
        }
        const KernelPackage kernel = kernel_package(package);
        if (kernel_.newest == index && !kernel_.running && !inventory_.kernel.container) {
            add(index, 0, FindingStatus::Unknown, "", "running_kernel_not_installed");
        }
        if (kernel.role == KernelRole::Companion
            || (kernel.role == KernelRole::Image && kernel_.running != index)) {
            return {};
        }
        if (const auto release = backported_from(package.source_version);
            release && inventory_.os.id == "debian") {
            return assess_backport(index, *release);
        }
        assess_by_distribution(index, subject_of(package, kernel));
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
        return !sections_.empty();
    }

    [[nodiscard]] Subject subject_of(
        const InstalledPackage& package, const KernelPackage& kernel) const {
        if (kernel.role == KernelRole::Image) {
            KernelSource source = kernel_source(package);
            return {std::move(source.name), std::move(source.version), false};
        }
        if (package.type == "rpm" && named_by_binary(package)) {
            return {package.name, package.version, false};
        }
        return {package.source_name, package.source_version, false};
    }

    /// rpm distributions name binary packages; one that they do not name is judged by its source, with
    /// the source's own epoch and version.
    [[nodiscard]] bool named_by_binary(const InstalledPackage& package) const {
        return std::any_of(sections_.begin(), sections_.end(), [&package](const auto& open) {
            return open->section.find(package.name).has_value();
        });
    }

    /// A backport follows the release it was built from: the ranges of the release it runs on speak
    /// of other versions.
    Result<void> assess_backport(std::uint32_t index, const std::string& release) {
        const InstalledPackage& package = inventory_.packages[index];
        THIMBLE_TRY(OpenSection * section, open("Debian:" + release, Channel::Standard));
        if (section == nullptr) {
            add(index, 0, FindingStatus::Unknown, "", "backport_of_a_release_without_data");
            return {};
        }
        const KernelPackage kernel = kernel_package(package);
        Subject subject = subject_of(package, kernel);
        subject.version = without_backport_suffix(subject.version);
        ask(section, subject, index);
        return {};
    }

    /// Sections that speak for the distribution's own packages, not those opened for a backport or a
    /// language.
    [[nodiscard]] std::vector<OpenSection*> distribution_sections() const {
        std::vector<OpenSection*> speaking;
        for (const auto& section : sections_) {
            const bool backport =
                section->key.starts_with("Debian:") && section->key != sections_.front()->key;
            if (!backport && !language_section_key(section->key)) {
                speaking.push_back(section.get());
            }
        }
        return speaking;
    }

    void assess_by_distribution(std::uint32_t index, const Subject& subject) {
        const std::vector<OpenSection*> speaking = distribution_sections();
        if (speaking.size() == 1) {
            ask(speaking.front(),
                subject,
                index);  // nothing to merge: the common case, and a hot one
            return;
        }
        std::map<std::string, Verdicted, std::less<>> merged;
        for (OpenSection* section : speaking) {
            collect(*section, subject, index, merged);
        }
        for (const auto& [id, verdict] : merged) {
            report(index, verdict);
        }
    }

    struct Verdicted {
        OpenSection* section = nullptr;
        Verdict verdict;
    };

    static bool language_section_key(std::string_view key) {
        return key == "PyPI" || key == "npm" || key == "crates.io" || key == "Go";
    }

    /// Adds the verdicts of one section; of two sections the subscription's knows the later fixes.
    void collect(
        OpenSection& section,
        const Subject& subject,
        std::uint32_t index,
        std::map<std::string, Verdicted, std::less<>>& merged) {
        each_verdict(section, subject, index, [&](const Verdict& verdict) {
            const auto* fact = section.section.fact(verdict.fact);
            if (fact == nullptr) {
                return;
            }
            const auto [at, inserted] = merged.try_emplace(
                std::string(section.section.facts().id(*fact)), Verdicted{&section, verdict});
            if (!inserted && section.channel == Channel::Subscription
                && overrides(at->second.verdict, verdict)) {
                at->second = {&section, verdict};
            }
        });
    }

    static bool overrides(const Verdict& standard, const Verdict& subscription) {
        return standard.status == FindingStatus::AffectedNoFix
            && (subscription.status == FindingStatus::Fixed
                || subscription.status == FindingStatus::AffectedFixAvailable);
    }

    /// Every verdict of `section` on the subject, by fact.
    template <class Take>
    void each_verdict(
        const OpenSection& section, const Subject& subject, std::uint32_t index, Take take) const {
        const auto package = section.section.find(subject.name);
        if (!package) {
            return;
        }
        const InstalledPackage& installed = inventory_.packages[index];
        judge_each(
            *package,
            section.section,
            {subject.version, installed.architecture, installed.module_stream},
            take);
    }

    void ask(OpenSection* section, const Subject& subject, std::uint32_t index) {
        if (section == nullptr) {
            add(index, 0, FindingStatus::Unknown, "", "no_data_for_ecosystem");
            return;
        }
        each_verdict(*section, subject, index, [&](const Verdict& verdict) {
            report(index, {section, verdict});
        });
    }

    void report(std::uint32_t index, const Verdicted& verdicted) {
        const Verdict& verdict = verdicted.verdict;
        if (!options_.include_closed && !model::is_open(verdict.status)) {
            return;
        }
        OpenSection& section = *verdicted.section;
        const auto* fact = section.section.fact(verdict.fact);
        if (fact == nullptr) {
            return;
        }
        std::uint32_t& number = section.numbers[verdict.fact];
        if (number == 0) {
            number = vulnerabilities_.number(section.section.facts(), *fact);
        }
        Finding& finding =
            add(index, number, verdict.status, verdict.fixed_version, verdict.reason);
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
    void add_changelog_findings() {
        for (const model::ChangelogEvidence& changelog : inventory_.changelogs) {
            for (std::uint32_t i = 0; i < inventory_.packages.size(); ++i) {
                const InstalledPackage& package = inventory_.packages[i];
                if (package.source_name == changelog.source_name
                    && package.source_version == changelog.from_version
                    && kernel_package(package).role != KernelRole::Companion) {
                    add_changelog_findings_of(changelog, i);
                }
            }
        }
    }

    void add_changelog_findings_of(const model::ChangelogEvidence& changelog, std::uint32_t index) {
        for (const std::string& id : changelog.vulnerabilities) {
            const std::uint32_t number = vulnerabilities_.number(catalog_, id);
            if (judged(index, id) || has_finding(index, number)) {
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
    }

    [[nodiscard]] bool has_finding(std::uint32_t index, std::uint32_t number) const {
        return std::any_of(
            assessment_.findings.begin(), assessment_.findings.end(), [&](const Finding& finding) {
                return finding.package == index && finding.vulnerability == number;
            });
    }

    /// Whether a section of the distribution has a word on the vulnerability in this package.
    [[nodiscard]] bool judged(std::uint32_t index, const std::string& id) {
        if (sections_.empty()) {
            return false;
        }
        const InstalledPackage& package = inventory_.packages[index];
        const Subject subject = subject_of(package, kernel_package(package));
        OpenSection& section = *sections_.front();
        bool found = false;
        each_verdict(section, subject, index, [&](const Verdict& verdict) {
            const auto* fact = section.section.fact(verdict.fact);
            found = found || (fact != nullptr && section.section.facts().id(*fact) == id);
        });
        return found;
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
    std::vector<std::unique_ptr<OpenSection>> sections_;  // stable addresses
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
