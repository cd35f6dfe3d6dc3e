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
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

namespace thimble::report {

using model::FindingStatus;

namespace {

/// No patch stands for it.
bool is_without_fix(const model::Finding& finding) {
    return finding.status == FindingStatus::AffectedNoFix
        || finding.status == FindingStatus::UnderInvestigation;
}

/// Distinct vulnerabilities and packages among the findings.
struct Counted {
    std::set<std::uint32_t> overdue_without_fix;
    std::set<std::uint32_t> exploited;
    std::set<std::uint32_t> without_fix;
    std::set<std::uint32_t> unknown;

    void add(const model::Finding& finding, const model::Decision& decision, bool past_due) {
        if (past_due && is_without_fix(finding)) {
            overdue_without_fix.insert(finding.vulnerability);
        }
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
        const std::optional<Instant>& due = report.work.due_of_finding[i].due;
        counted.add(
            report.assessment.findings[i],
            report.work.decisions[decision],
            due && is_overdue(*due, report.now));
    }
    summary.overdue += static_cast<std::uint32_t>(counted.overdue_without_fix.size());
    summary.exploited = static_cast<std::uint32_t>(counted.exploited.size());
    summary.open_without_fix = static_cast<std::uint32_t>(counted.without_fix.size());
    summary.unknown = static_cast<std::uint32_t>(counted.unknown.size());
    return summary;
}

namespace {

bool is_current(const ScanReport& report, std::string_view feed) {
    const auto found = std::ranges::find(report.feeds, feed, &FeedState::feed);
    return found != report.feeds.end() && !found->stale;
}

/// Whether advisories as new as they should be were read for this system.
bool advisories_known(const ScanReport& report) {
    static constexpr std::array<std::string_view, 7> kWant{
        "assess.no_catalog",
        "assess.no_section",
        "assess.sources_unreadable",
        "assess.unknown_distribution",
        "assess.end_of_life",
        "assess.no_packages",
        "inventory.rpm_not_read"};
    const bool wanting = std::ranges::any_of(report.assessment.gaps, [](const model::Gap& gap) {
        return std::ranges::find(kWant, gap.code) != kWant.end();
    });
    const bool stale = std::ranges::any_of(report.feeds, [](const FeedState& feed) {
        return feed.stale && (feed.feed == "osv" || feed.feed.starts_with("debian-"));
    });
    return report.catalog_built_at.has_value() && !wanting && !stale;
}

}  // namespace

ToldSummary told_summary(const ScanReport& report, const ScanSummary& summary) {
    const bool advisories = advisories_known(report);
    // KEV shortens deadlines, so without it nothing tells that none has passed.
    const bool exploitation = advisories && is_current(report, "kev");
    const bool offers = advisories && report.inventory.index.asked;
    ToldSummary all;
    const auto tell = [&](std::string_view name, std::uint32_t count, bool known) {
        if (count > 0 && !known) {
            all.lower_bounds.push_back(name);
        }
        return count > 0 || known ? std::optional{count} : std::nullopt;
    };
    all.overdue = tell("overdue", summary.overdue, exploitation);
    all.exploited = tell("exploited", summary.exploited, exploitation);
    all.pending = tell("pending", summary.pending, advisories);
    all.blocked = tell("blocked", summary.blocked, offers);
    all.open_without_fix = tell("open_without_fix", summary.open_without_fix, advisories);
    return all;
}

std::string not_in_kev(const std::vector<FeedState>& feeds) {
    const auto kev = std::ranges::find(feeds, "kev", &FeedState::feed);
    if (kev == feeds.end()) {
        return "KEV is not in this catalog: exploitation unknown";
    }
    std::string words = "not in KEV, whose date is not told";
    if (kev->as_of && kev->undated) {
        words =
            "not in KEV as copied on " + format_date(*kev->as_of) + ", whose own date is not told";
    } else if (kev->as_of) {
        words = "not in KEV of " + format_date(*kev->as_of);
    }
    return words + (kev->stale ? ", which is stale: exploitation since then unknown" : "");
}

bool is_overdue(Instant due, Instant now) {
    return now >= std::chrono::floor<Days>(due) + Days{1};
}

bool is_blocked(const model::Patch& patch) {
    return !patch.blockers.empty() || !patch.blocked_reason.empty();
}

Readiness readiness_of(const model::Patch& patch) {
    if (patch.installed) {
        return Readiness::InstalledNotLive;
    }
    if (is_blocked(patch)) {
        return Readiness::Blocked;
    }
    return patch.offered ? Readiness::Ready : Readiness::OfferUnknown;
}

std::string_view readiness_name(Readiness readiness) {
    switch (readiness) {
        case Readiness::Ready: return "ready";
        case Readiness::OfferUnknown: return "offer_unknown";
        case Readiness::Blocked: return "blocked";
        case Readiness::InstalledNotLive: return "installed_not_live";
    }
    return "offer_unknown";
}

std::string_view root_blocker(const model::Patch& patch) {
    return patch.blockers.empty() ? std::string_view(patch.blocked_reason)
                                  : model::blocker_name(patch.blockers.front().kind);
}

bool is_urgent_without_fix(const ScanReport& report, std::size_t finding) {
    const model::Decision& decision =
        report.work.decisions[report.work.decision_of_finding[finding]];
    const bool exploited = decision.kev || decision.exploited_elsewhere;
    return is_without_fix(report.assessment.findings[finding])
        && (exploited || report.work.due_of_finding[finding].due.has_value());
}

bool hides_packages(const model::Gap& gap) {
    return gap.code.starts_with("assess.") || gap.code == "inventory.rpm_not_read"
        || gap.code == "inventory.unreadable_packages" || gap.code == "inventory.bad_package_entry"
        || gap.code == "inventory.no_os_release" || gap.code == "inventory.no_index";
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
