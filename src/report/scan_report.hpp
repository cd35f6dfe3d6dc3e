#pragma once
/// @file Everything that a scan has to say, and its five numbers. Pure.

#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::report {

/// A feed that the verdicts rest on.
struct FeedState {
    std::string feed;
    std::optional<Instant> as_of;
    std::uint64_t records = 0;
    std::uint64_t quarantined = 0;
    bool stale = false;
    bool undated = false;  ///< as_of is when a copy was written or fetched: the data can be older
    bool operator==(const FeedState&) const = default;
};

/// Views of the values of one scan; they must outlive it.
struct ScanReport {
    const model::Inventory& inventory;
    const model::Assessment& assessment;
    const model::OrderOfWork& work;
    std::vector<FeedState> feeds;
    std::optional<Instant> catalog_built_at;  ///< absent: there was no catalog
    Instant now;
};

/// The five numbers, and two that stand below the table.
struct ScanSummary {
    std::uint32_t overdue = 0;  ///< patches, and vulnerabilities without a fix, past their due date
    std::uint32_t exploited =
        0;  ///< open vulnerabilities that are exploited (KEV, or active by SSVC)
    std::uint32_t pending =
        0;  ///< patches that nothing is known to hold back: ready, of unknown offer,
            ///< or installed and not yet live
    std::uint32_t blocked = 0;           ///< patches that something holds back
    std::uint32_t unknown = 0;           ///< packages that could not be judged, wholly or in part
    std::uint32_t open_without_fix = 0;  ///< open vulnerabilities without a fix
    bool operator==(const ScanSummary&) const = default;
};

ScanSummary summarise(const ScanReport& report);

/// The numbers as they may be said. Absent: none was found, and it could not be known whether there is
/// one, for want of a catalog, of current feeds, or of an answer of the repositories; the gaps name it. A
/// number that is there is a lower bound for the same want.
struct ToldSummary {
    std::optional<std::uint32_t> overdue;
    std::optional<std::uint32_t> exploited;
    std::optional<std::uint32_t> pending;
    std::optional<std::uint32_t> blocked;
    std::optional<std::uint32_t> open_without_fix;
    /// Names of those that are there and can be too small, in the order above.
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns of fields that are left out
    std::vector<std::string_view> lower_bounds = {};
    bool operator==(const ToldSummary&) const = default;
};

ToldSummary told_summary(const ScanReport& report, const ScanSummary& summary);

/// What it says that KEV does not list a vulnerability: "not in KEV of 2026-11-20", and nothing where that is too old or was not read.
std::string not_in_kev(const std::vector<FeedState>& feeds);

/// A due date is a day, and the work may be done until it ends.
bool is_overdue(Instant due, Instant now);

/// Whether something holds the patch back, by the package manager or for want of an offer.
bool is_blocked(const model::Patch& patch);

/// Name of the root blocker, of the package manager or for want of an offer; empty when there is none.
std::string_view root_blocker(const model::Patch& patch);

/// Whether a package can hide behind a gap; the other gaps are about what is around the packages.
bool hides_packages(const model::Gap& gap);

/// Whether a patch can be installed.
enum class Readiness : std::uint8_t {
    Ready,
    OfferUnknown,  ///< nobody asked whether a repository has it
    Blocked,
    InstalledNotLive,
};

Readiness readiness_of(const model::Patch& patch);

/// "ready", "offer_unknown", "blocked", "installed_not_live".
std::string_view readiness_name(Readiness readiness);

/// Whether an open finding has no fix and cannot wait: it is exploited, or it has a due date. There is
/// no patch for it, so it needs a shield.
bool is_urgent_without_fix(const ScanReport& report, std::size_t finding);

/// 0 nothing due, 1 something due, 2 nothing known to be due but not everything could be judged.
int scan_exit_status(const ScanReport& report, const ScanSummary& summary);

/// "none", "services", "reboot", "unknown".
std::string_view restart_name(model::Restart restart);

/// `pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12`, canonical; `pkg:generic/…` where name
/// or distribution are such that the type's rules allow no purl.
/// @source package-url specification, types deb, rpm, apk, npm, pypi, cargo, golang
std::string package_purl(const model::Inventory& inventory, const model::InstalledPackage& package);

}  // namespace thimble::report
