#include "thimble/report/scan_report.hpp"

#include "thimble/report/percent_encoding.hpp"

#include <algorithm>
#include <set>

namespace thimble::report {

using model::FindingStatus;

ScanSummary summarise(const ScanReport& report) {
    ScanSummary summary;
    for (const model::Patch& patch : report.work.patches) {
        ++(is_blocked(patch) ? summary.blocked : summary.pending);
        summary.overdue += patch.due.due && *patch.due.due < report.now ? 1 : 0;
    }
    std::set<std::uint32_t> exploited;
    std::set<std::uint32_t> without_fix;
    std::set<std::uint32_t> unknown;
    for (std::size_t i = 0; i < report.assessment.findings.size(); ++i) {
        const model::Finding& finding = report.assessment.findings[i];
        if (finding.status == FindingStatus::Unknown) {
            unknown.insert(finding.package);
            continue;
        }
        if (!model::is_open(finding.status)) {
            continue;
        }
        const model::Decision& decision = report.work.decisions[report.work.decision_of_finding[i]];
        if (decision.kev || decision.exploited_elsewhere) {
            exploited.insert(finding.vulnerability);
        }
        if (finding.status == FindingStatus::AffectedNoFix) {
            without_fix.insert(finding.vulnerability);
        }
    }
    summary.exploited = static_cast<std::uint32_t>(exploited.size());
    summary.open_without_fix = static_cast<std::uint32_t>(without_fix.size());
    summary.unknown = static_cast<std::uint32_t>(unknown.size());
    return summary;
}

bool is_blocked(const model::Patch& patch) {
    return !patch.blockers.empty() || !patch.blocked_reason.empty();
}

int scan_exit_status(const ScanReport& report, const ScanSummary& summary) {
    if (!report.work.patches.empty()) {
        return 1;
    }
    const bool could_not_tell = std::any_of(
        report.assessment.gaps.begin(), report.assessment.gaps.end(), [](const model::Gap& gap) {
            return gap.code.starts_with("assess.");
        });
    return could_not_tell || summary.unknown > 0 ? 2 : 0;
}

std::string_view blocker_name(model::BlockerKind kind) {
    using enum model::BlockerKind;
    switch (kind) {
        case Hold: return "hold";
        case Excluded: return "excluded";
        case Phased: return "phased";
        case OriginNotAllowed: return "origin_not_allowed";
        case Pin: return "pin";
        case NeedsNewPackages: return "needs_new_packages";
        case NeedsRemovals: return "needs_removals";
        case DependencyConflict: return "dependency_conflict";
        case ConffilePrompt: return "conffile_prompt";
        case PackageManagerInterrupted: return "package_manager_interrupted";
        case NoSpace: return "no_space";
        case RepositoryUnreachable: return "repo_unreachable";
        case SignatureExpired: return "sig_expired";
    }
    return "unknown";
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

std::string package_purl(
    const model::Inventory& inventory, const model::InstalledPackage& package) {
    std::string purl = "pkg:" + package.type + "/";
    const bool of_distribution =
        package.type == "deb" || package.type == "rpm" || package.type == "apk";
    if (of_distribution && !inventory.os.id.empty()) {
        purl += percent_encoded(inventory.os.id);
        purl += '/';
    }
    // npm scopes and Go modules hold slashes, which separate segments.
    std::string_view name = package.name;
    for (std::size_t slash = name.find('/'); slash != std::string_view::npos;
         slash = name.find('/')) {
        purl += percent_encoded(name.substr(0, slash));
        purl += '/';
        name.remove_prefix(slash + 1);
    }
    purl += percent_encoded(name);
    purl += '@';
    purl += percent_encoded(package.version);
    if (of_distribution) {
        purl += package.architecture.empty()
            ? "?"
            : "?arch=" + percent_encoded(package.architecture) + "&";
        purl += "distro=";
        purl += percent_encoded(inventory.os.id + "-" + inventory.os.version_id);
    }
    return purl;
}

}  // namespace thimble::report
