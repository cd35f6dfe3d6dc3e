#include "thimble/report/finding_words.hpp"

#include "thimble/model/finding.hpp"
#include "thimble/model/patch.hpp"
#include "thimble/model/unread_update.hpp"
#include "thimble/model/vulnerability.hpp"
#include "thimble/report/percent_encoding.hpp"
#include "thimble/report/scan_report.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::report {
namespace {

using model::FindingStatus;

struct ReasonWords {
    std::string_view code;
    std::string_view sentence;
};

constexpr std::array kReasons{
    ReasonWords{
        "backport_of_a_release_without_data",
        "it is a backport from a release that the catalog has no advisories for"},
    ReasonWords{"end_of_life", "the vendor no longer looks after this package"},
    ReasonWords{
        "fix_is_for_another_module_stream",
        "the fix is for another module stream, and the installed stream is not known"},
    ReasonWords{"for_another_build", "the record speaks of another architecture or module stream"},
    ReasonWords{
        "no_advisories_for_release",
        "the catalog has no advisories for this release of the system"},
    ReasonWords{"no_catalog", "there is no catalog of advisories"},
    ReasonWords{"no_data_for_ecosystem", "the catalog has no advisories for this kind of package"},
    ReasonWords{"not_offered", "no configured repository offers the fix"},
    ReasonWords{"offers_not_asked", "whether a configured repository offers the fix is not known"},
    ReasonWords{
        "older_kernel_running", "the fixed kernel is installed but an older one is running"},
    ReasonWords{"outside_ranges", "the version is outside the ranges called affected"},
    ReasonWords{"postponed", "the vendor has postponed the fix"},
    ReasonWords{"range_not_readable", "the record's version range cannot be read"},
    ReasonWords{"release_end_of_life", "the release of the system is past its end of life"},
    ReasonWords{"subscription_only", "the fix is only for subscribers of the vendor"},
    ReasonWords{
        "third_party_package",
        "it is not a package of the distribution whose advisories were read"},
    ReasonWords{"unknown_distribution", "the distribution is not known"},
    ReasonWords{"vendor_says_not_affected", "the vendor says that it is not affected"},
    ReasonWords{"version_not_orderable", "the version cannot be compared with others"},
    ReasonWords{"will_not_fix", "the vendor decided against a fix"},
    ReasonWords{"withdrawn", "the record was withdrawn"},
};

std::string_view verdict_words(FindingStatus status) {
    switch (status) {
        case FindingStatus::AffectedFixAvailable:
        case FindingStatus::AffectedNoFix:
        case FindingStatus::AffectedFixNotInMyRepos: return " is affected by ";
        case FindingStatus::FixedInstalledNotRunning:
            return ": the fix is installed but not running for ";
        case FindingStatus::Fixed: return " is no longer affected by ";
        case FindingStatus::NotAffected: return " is not affected by ";
        case FindingStatus::UnderInvestigation:
            return ": the vendor has not yet determined whether it is affected by ";
        case FindingStatus::Unknown: return " could not be judged for ";
    }
    return " could not be judged for ";
}

std::string without_fix(const FindingParts& parts) {
    const std::string& reason = parts.finding.reason;
    if (parts.unread_update != nullptr) {
        return "No fix for " + parts.package.source_name + " is known"
            + (reason.empty() ? "" : " (" + reason_sentence(reason) + ")") + ", and "
            + unread_sentence(*parts.unread_update)
            + ": update, then scan again; else mitigate or remove it, or accept the risk until "
              "there is one";
    }
    return "No fix for " + parts.package.source_name
        + (reason.empty() ? " yet" : " (" + reason_sentence(reason) + ")")
        + ": mitigate or remove it, or accept the risk until there is one";
}

}  // namespace

FindingParts parts_of(const ScanReport& report, std::size_t index) {
    const model::Finding& finding = report.assessment.findings[index];
    return {
        finding,
        report.assessment.vulnerabilities[finding.vulnerability],
        report.inventory.packages[finding.package],
        report.work.decisions[report.work.decision_of_finding[index]],
        report.work.due_of_finding[index],
        finding.status == FindingStatus::AffectedNoFix
            ? model::unread_update(report.inventory, report.inventory.packages[finding.package])
            : nullptr};
}

std::string unread_sentence(const model::Offer& update) {
    return "whether " + update.source_name + " " + update.source_version
        + ", which is offered, closes it is not known, as its changelog was not read";
}

std::string unimportant_sentence(const FindingParts& parts) {
    const std::string& who = parts.finding.called_unimportant_by;
    return who.empty() ? "" : who + " calls it unimportant for " + parts.package.source_name;
}

std::string reason_sentence(std::string_view reason) {
    const auto* known =
        std::ranges::find_if(kReasons, [reason](const auto& row) { return row.code == reason; });
    if (known != kReasons.end()) {
        return std::string(known->sentence);
    }
    std::string words(reason);
    std::ranges::replace(words, '_', ' ');
    return words;
}

std::string finding_sentence(const FindingParts& parts) {
    const model::Finding& finding = parts.finding;
    std::string sentence = parts.package.name + " " + parts.package.version;
    sentence += verdict_words(finding.status);
    sentence += parts.facts.id.empty() ? "any vulnerability" : parts.facts.id;
    if (!finding.fixed_version.empty()) {
        sentence += "; fixed in " + finding.fixed_version;
    }
    if (!finding.reason.empty()) {
        sentence += "; " + reason_sentence(finding.reason);
    }
    if (const std::string word = unimportant_sentence(parts); !word.empty()) {
        sentence += "; " + word;
    }
    return sentence;
}

std::string action_sentence(const FindingParts& parts) {
    const std::string target = parts.package.source_name + " to " + parts.finding.fixed_version;
    switch (parts.finding.status) {
        case FindingStatus::AffectedFixAvailable: return "Update " + target + " or later";
        case FindingStatus::AffectedFixNotInMyRepos:
            return "Configure a repository that has the fix, then update " + target + " or later ("
                + reason_sentence(parts.finding.reason) + ")";
        case FindingStatus::FixedInstalledNotRunning:
            return "Restart what still runs the old " + parts.package.source_name
                + "; for a kernel, reboot";
        case FindingStatus::AffectedNoFix: return without_fix(parts);
        case FindingStatus::UnderInvestigation: return "Wait for the vendor's word";
        case FindingStatus::Unknown:
            return "Judge it by hand: " + reason_sentence(parts.finding.reason);
        case FindingStatus::Fixed:
        case FindingStatus::NotAffected: return "Nothing to do";
    }
    return "Judge it by hand";
}

std::string closed_sentence(const model::Patch& patch) {
    const std::string words = "vulnerabilities closed: ";
    if (!patch.vulnerabilities.empty()) {
        return words + std::to_string(patch.vulnerabilities.size());
    }
    return words
        + (model::vulnerabilities_known(patch)
               ? "none that its changelog names"
               : "not known, since no feed and no changelog that was read names any");
}

VulnerabilityPage vulnerability_page(std::string_view id) {
    if (id.starts_with("CVE-")) {
        return {"CVE", "https://www.cve.org/CVERecord?id=" + percent_encoded(id)};
    }
    if (id.starts_with("GHSA-")) {
        return {"GitHub", "https://github.com/advisories/" + percent_encoded(id)};
    }
    return {"OSV", "https://osv.dev/vulnerability/" + percent_encoded(id)};
}

std::string score_text(std::uint8_t tenths) {
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string probability_text(const model::EpssScore& epss) {
    constexpr std::uint32_t kOne = 1'000'000;
    const std::string decimals = std::to_string(kOne + epss.score_millionths % kOne).substr(1);
    return std::to_string(epss.score_millionths / kOne) + "." + decimals;
}

}  // namespace thimble::report
