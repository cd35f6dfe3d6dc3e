#pragma once
/// @file What a feed says about packages: advisories and the ranges they call affected.

#include "thimble/base/instant.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thimble::model {

/// Who speaks, weakest last: a stronger voice decides where two contradict each other.
enum class Authority : std::uint8_t {
    Tracker,  ///< the distribution's own per-CVE state (Debian tracker, OSV DEBIAN-CVE-, UBUNTU-CVE-, ALPINE-CVE-)
    Erratum,  ///< the distribution's advisory with a fix (DSA, DLA, USN, ALSA, RLSA)
    Database,  ///< a language ecosystem's or aggregator's record (GHSA, PYSEC, RUSTSEC, GO, BIT)
};

/// What the record says of versions inside its ranges.
enum class Claim : std::uint8_t {
    Affected,            ///< with a fix where the range has one
    WontFix,             ///< affected; the vendor decided against a fix (Debian "ignored")
    Postponed,           ///< affected; fix not yet scheduled (Debian "no-dsa", "postponed")
    EndOfLife,           ///< affected as far as known; no longer looked after
    NotAffected,         ///< the vendor says no version is affected
    UnderInvestigation,  ///< undetermined
};

/// One event on the line of versions (OSV schema, "events").
struct RangeEvent {
    enum class Kind : std::uint8_t { Introduced, Fixed, LastAffected, Limit };
    Kind kind = Kind::Introduced;
    std::string version;  ///< "0" for Introduced is minus infinity, not the version 0
    bool operator==(const RangeEvent&) const = default;
};

/// A set of events in no particular order; GIT ranges are dropped by the feeds.
struct VersionRange {
    std::vector<RangeEvent> events;
    bool operator==(const VersionRange&) const = default;
};

/// One package as one record calls it affected.
struct AffectedPackage {
    std::string
        ecosystem;  ///< OSV spelling, with release: "Debian:12", "Ubuntu:Pro:18.04:LTS", "npm"
    std::string
        name;  ///< source package for Debian, Ubuntu, Alpine; binary package for rpm distributions
    Claim claim = Claim::Affected;
    std::vector<VersionRange> ranges;
    std::vector<std::string> versions;  ///< single versions named affected
    std::string module_stream;          ///< "postgresql:12" when known
    std::string architecture;           ///< empty: all
    /// Debian's urgency "unimportant" for this package in this release. Why is not told: the binaries
    /// do not have it, it is no issue in practice, or the package has no security support. So it is a
    /// word on the vulnerability, never "not affected".
    /// @source security-team.debian.org/security_tracker.html, "Severity levels"
    bool unimportant = false;
    bool operator==(const AffectedPackage&) const = default;
};

/// A severity as its record gives it.
struct SeverityClaim {
    std::string type;   ///< "CVSS_V2", "CVSS_V3", "CVSS_V4", "Ubuntu", "label"
    std::string score;  ///< the vector, or the label
    bool operator==(const SeverityClaim&) const = default;
};

/// One record of one feed, reduced to what decides.
struct Advisory {
    std::string id;    ///< "DSA-5477-1", "GHSA-…", "DEBIAN-CVE-2025-10148"
    std::string feed;  ///< "osv", "debian-tracker", "debian-dsa"
    Authority authority = Authority::Database;
    std::vector<std::string>
        vulnerabilities;               ///< the CVE ids it is about; its own id when it names none
    std::vector<std::string> aliases;  ///< other names of the same thing (GHSA for a CVE)
    std::string summary;               ///< one line, at most 300 bytes
    std::optional<Instant> published;
    std::optional<Instant> modified;
    std::optional<Instant> withdrawn;
    bool security = true;  ///< false for bug-fix and enhancement errata (ALBA, ALEA)
    std::vector<SeverityClaim> severities;
    std::vector<AffectedPackage> affected;
    bool operator==(const Advisory&) const = default;
};

}  // namespace thimble::model
