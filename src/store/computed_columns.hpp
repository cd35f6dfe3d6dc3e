#pragma once
/// @file The columns of the lists that are made in memory, from the fleet index, the catalog and the
/// inventory of a host: no table holds them, so that no column has an expression. Pure.

#include "thimble/store/list_table.hpp"

#include <array>

namespace thimble::store {

using enum ColumnType;

/// What such a list is read from.
inline constexpr std::string_view kComputed;

inline constexpr std::array kAdvisoryColumns{
    ListColumn{"id", "", Text, "Its id, for example DSA-1234-1"},
    ListColumn{"feed", "", Text, "The feed that has it"},
    ListColumn{"urgency", "", Number, "Its place by what it closes, from 1"},
    ListColumn{"vulnerabilities", "", Number, "How many it would close that are open here"},
    ListColumn{"vulnerability_ids", "", Words, "Which, at most 100"},
    ListColumn{"hosts", "", Number, "On how many hosts"},
    ListColumn{"kev", "", Boolean, "Whether one of them is in KEV"},
    ListColumn{"exploited", "", Boolean, "Whether one of them is exploited"},
    ListColumn{"public_exploit", "", Boolean, "Whether one of them has a public exploit"},
    ListColumn{"published_at", "", Instant, "When it was published"},
    ListColumn{"modified_at", "", Instant, "When it was last changed"},
};

inline constexpr std::array kFeedColumns{
    ListColumn{"feed", "", Text, "Its name"},
    ListColumn{"as_of", "", Instant, "The date of its data"},
    ListColumn{"checked_at", "", Instant, "When its source was last asked"},
    ListColumn{"records", "", Number, "How many records it gave"},
    ListColumn{"quarantined", "", Number, "How many records could not be read"},
    ListColumn{"undated", "", Boolean, "Whether its data may be older than its date says"},
    ListColumn{"stale_why", "", Text, "Why it cannot be relied on; empty: it can"},
    ListColumn{"catalog_built_at", "", Instant, "When the catalog that holds it was made"},
};

inline constexpr std::array kFindingColumns{
    ListColumn{"id", "", Text, "Host id, package, architecture and vulnerability, blanks between"},
    ListColumn{"host_id", "", Text, "The host"},
    ListColumn{"host", "", Text, "The name of that host"},
    ListColumn{"group", "", Text, "The group of that host"},
    ListColumn{"package", "", Text, "The binary package"},
    ListColumn{"source", "", Text, "Its source package"},
    ListColumn{"version", "", Text, "The version that is installed"},
    ListColumn{"vulnerability", "", Text, "Its id; empty: the package could not be judged"},
    ListColumn{"status", "", Text, "affected_fix_available, affected_no_fix, unknown …"},
    ListColumn{"reason", "", Text, "What the status alone does not tell, for example end_of_life"},
    ListColumn{"fixed_version", "", Text, "The source version that closes it; empty: none known"},
    ListColumn{"severity", "", Text, "None, Low, Medium, High, Critical; empty: not known"},
    ListColumn{"kev", "", Boolean, "Whether it is in KEV"},
    ListColumn{"exploited", "", Boolean, "Whether it is exploited"},
    ListColumn{"public_exploit", "", Boolean, "Whether an exploit is public"},
    ListColumn{"epss_millionths", "", Count, "Likelihood by EPSS, in millionths"},
    ListColumn{"urgency", "", Number, "Its place in the order of work of that host, from 1"},
    ListColumn{"outcome", "", Text, "immediate, out-of-cycle, scheduled or defer"},
    ListColumn{"ssvc_row", "", Number, "The row of the SSVC table that says so"},
    ListColumn{"bod_row", "", Number, "The row of BOD 26-04"},
    ListColumn{"first_seen_at", "", Instant, "When it was first seen on that host"},
    ListColumn{"due_at", "", Instant, "When it is due; never: with the next upgrade"},
    ListColumn{"due_rule", "", Text, "The rule that says so"},
    ListColumn{"control_id", "", Text, "A control that covers it; empty: none does"},
    ListColumn{"control", "", Text, "The name of that control"},
    ListColumn{"mitigated_until", "", Instant, "Until when it counts; never: it does not"},
    ListColumn{"control_refusal", "", Text, "Why it does not count; empty: it does"},
    ListColumn{"unmitigated_outcome", "", Text, "The outcome without controls"},
    ListColumn{"unmitigated_due_at", "", Instant, "When it is due without controls"},
    ListColumn{
        "called_unimportant_by",
        "",
        Text,
        "Which distribution calls it unimportant for the package; empty: none"},
};

inline constexpr std::array kPackageColumns{
    ListColumn{"id", "", Text, "Release, name, version, architecture and stream, blanks between"},
    ListColumn{"release", "", Text, "Whose advisories judge it, for example Debian:12"},
    ListColumn{"name", "", Text, "As advisories name it: of dpkg and apk the source package"},
    ListColumn{"version", "", Text, "Its version there"},
    ListColumn{"architecture", "", Text, "For example amd64"},
    ListColumn{"hosts", "", Number, "How many hosts have it"},
    ListColumn{"open", "", Count, "How many vulnerabilities are open in it"},
};

inline constexpr std::array kTagColumns{
    ListColumn{"tag", "", Text, "The tag, for example env=prod"},
    ListColumn{"key", "", Text, "What stands before ="},
    ListColumn{"value", "", Text, "What stands behind it; empty: a plain word"},
    ListColumn{"hosts", "", Number, "How many hosts have it"},
};

inline constexpr std::array kVulnerabilityColumns{
    ListColumn{"id", "", Text, "Its id, for example CVE-2026-1"},
    ListColumn{"urgency", "", Number, "Its place in the order of work, but for exposure, from 1"},
    ListColumn{"outcome", "", Text, "immediate, out-of-cycle … where exposure is not known"},
    ListColumn{"severity", "", Text, "None, Low, Medium, High, Critical; empty: not known"},
    ListColumn{"cvss_tenths", "", Count, "Its score, in tenths"},
    ListColumn{"kev", "", Boolean, "Whether it is in KEV"},
    ListColumn{"exploited", "", Boolean, "Whether it is exploited"},
    ListColumn{"public_exploit", "", Boolean, "Whether an exploit is public"},
    ListColumn{"epss_millionths", "", Count, "Likelihood by EPSS, in millionths"},
    ListColumn{"hosts", "", Number, "On how many hosts it is open"},
    ListColumn{"packages", "", Number, "In how many packages"},
    ListColumn{"fixed", "", Boolean, "Whether a version that fixes it is known somewhere"},
    ListColumn{"published_at", "", Instant, "When it was published"},
};

}  // namespace thimble::store
