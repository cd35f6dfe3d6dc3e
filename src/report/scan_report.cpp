#include "thimble/report/scan_report.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/model/decision.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"
#include "thimble/model/purl.hpp"
#include "thimble/report/percent_encoding.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

namespace thimble::report {

using model::FindingStatus;

namespace {

/// Distinct vulnerabilities and packages among the findings.
struct Counted {
    std::set<std::uint32_t> exploited;
    std::set<std::uint32_t> without_fix;
    std::set<std::uint32_t> unknown;

    void add(const model::Finding& finding, const model::Decision& decision) {
        if (finding.status == FindingStatus::Unknown
            || finding.status == FindingStatus::UnderInvestigation) {
            unknown.insert(finding.package);
            return;
        }
        if (!model::is_open(finding.status)) {
            return;
        }
        if (decision.kev || decision.exploited_elsewhere) {
            exploited.insert(finding.vulnerability);
        }
        if (finding.status == FindingStatus::AffectedNoFix) {
            without_fix.insert(finding.vulnerability);
        }
    }
};

}  // namespace

ScanSummary summarise(const ScanReport& report) {
    ScanSummary summary;
    for (const model::Patch& patch : report.work.patches) {
        ++(is_blocked(patch) ? summary.blocked : summary.pending);
        summary.overdue += patch.due.due && is_overdue(*patch.due.due, report.now) ? 1 : 0;
    }
    Counted counted;
    for (std::size_t i = 0; i < report.assessment.findings.size(); ++i) {
        const std::uint32_t decision = report.work.decision_of_finding[i];
        counted.add(report.assessment.findings[i], report.work.decisions[decision]);
    }
    summary.exploited = static_cast<std::uint32_t>(counted.exploited.size());
    summary.open_without_fix = static_cast<std::uint32_t>(counted.without_fix.size());
    summary.unknown = static_cast<std::uint32_t>(counted.unknown.size());
    return summary;
}

bool is_overdue(Instant due, Instant now) {
    return now >= std::chrono::floor<Days>(due) + Days{1};
}

bool is_blocked(const model::Patch& patch) {
    return !patch.blockers.empty() || !patch.blocked_reason.empty();
}

std::string_view scan_state(const model::Patch& patch) {
    if (patch.installed) {
        return "installed_not_live";
    }
    return is_blocked(patch) ? "blocked" : "ready";
}

std::string_view root_blocker(const model::Patch& patch) {
    return patch.blockers.empty() ? std::string_view(patch.blocked_reason)
                                  : model::blocker_name(patch.blockers.front().kind);
}

bool is_urgent_without_fix(const ScanReport& report, std::size_t finding) {
    const FindingStatus status = report.assessment.findings[finding].status;
    const model::Decision& decision =
        report.work.decisions[report.work.decision_of_finding[finding]];
    const bool open =
        status == FindingStatus::AffectedNoFix || status == FindingStatus::UnderInvestigation;
    const bool exploited = decision.kev || decision.exploited_elsewhere;
    return open && (exploited || report.work.due_of_finding[finding].due.has_value());
}

bool hides_packages(const model::Gap& gap) {
    return gap.code.starts_with("assess.") || gap.code == "inventory.rpm_not_read"
        || gap.code == "inventory.unreadable_packages" || gap.code == "inventory.bad_package_entry"
        || gap.code == "inventory.no_os_release";
}

int scan_exit_status(const ScanReport& report, const ScanSummary& summary) {
    if (!report.work.patches.empty()) {
        return 1;
    }
    for (std::size_t i = 0; i < report.assessment.findings.size(); ++i) {
        if (is_urgent_without_fix(report, i)) {
            return 1;
        }
    }
    const bool could_not_tell = std::ranges::any_of(report.assessment.gaps, hides_packages);
    const bool checked = report.catalog_built_at.has_value() && !could_not_tell;
    return checked && summary.unknown == 0 ? 0 : 2;
}

std::string_view restart_name(model::Restart restart) {
    switch (restart) {
        case model::Restart::None: return "none";
        case model::Restart::Services: return "services";
        case model::Restart::Reboot: return "reboot";
        case model::Restart::Unknown: return "unknown";
    }
    return "unknown";
}

namespace {

bool is_of_distribution(const model::InstalledPackage& package) {
    return package.type == "deb" || package.type == "rpm" || package.type == "apk";
}

/// A purl is UTF-8, and at most 16 KiB long.
std::string purl_text(std::string_view text) {
    constexpr std::size_t kLongestPart = 1024;
    return printable(text, kLongestPart);
}

/// npm scopes and Go modules hold slashes; the last one ends the namespace.
void split_name(model::Purl& purl) {
    const std::size_t slash = purl.name.rfind('/');
    if (slash != std::string::npos) {
        purl.name_space = purl.name.substr(0, slash);
        purl.name.erase(0, slash + 1);
    }
}

/// A purl gives the epoch of an rpm as a qualifier, not in the version.
void split_epoch(model::Purl& purl) {
    const std::size_t colon = purl.version.find(':');
    if (colon != std::string::npos) {
        purl.qualifiers["epoch"] = purl.version.substr(0, colon);
        purl.version.erase(0, colon + 1);
    }
}

}  // namespace

std::string package_purl(
    const model::Inventory& inventory, const model::InstalledPackage& package) {
    model::Purl purl;
    purl.type = package.type;
    purl.name = purl_text(package.name);
    purl.version = purl_text(package.version);
    if (is_of_distribution(package)) {
        purl.name_space = purl_text(inventory.os.id);
        purl.qualifiers["arch"] = purl_text(package.architecture);
        purl.qualifiers["distro"] = purl.name_space + "-" + purl_text(inventory.os.version_id);
    } else {
        split_name(purl);
    }
    if (package.type == "rpm") {
        split_epoch(purl);
    }
    if (const auto canonical = model::canonical_purl(std::move(purl))) {
        return model::format_purl(*canonical);
    }
    const std::string name = package.name.empty() ? "unnamed" : purl_text(package.name);
    return "pkg:generic/" + percent_encoded(name) + "@"
        + percent_encoded(purl_text(package.version));
}

}  // namespace thimble::report
