#pragma once
/// @file The columns of the lists of patches, of one host and of all. Pure.

#include "thimble/store/exception_columns.hpp"
#include "thimble/store/list_table.hpp"

#include <array>
#include <string_view>

namespace thimble::store {

using enum ColumnType;

inline constexpr std::array kFleetPatchColumns{
    // One text as key: a fix is known by its source and the version that it leads to.
    ListColumn{"id", "g.id", Text, "Source and version, a space between"},
    ListColumn{"source", "g.source", Text, "Source package"},
    ListColumn{"to", "g.to_version", Text, "The version that fixes it; empty: none is known"},
    ListColumn{"hosts", "g.hosts", Number, "How many hosts miss it"},
    ListColumn{"ready", "g.ready", Number, "On how many it can be installed"},
    ListColumn{"blocked", "g.blocked", Number, "On how many something holds it back"},
    ListColumn{"installed", "g.installed", Number, "On how many only a restart is missing"},
    ListColumn{"kev", "g.kev", Boolean, "Whether it closes a vulnerability of KEV"},
    ListColumn{"exploited", "g.exploited", Boolean, "Whether one that is exploited"},
    ListColumn{"public_exploit", "g.public_exploit", Boolean, "Whether one with a public exploit"},
    ListColumn{"due_at", "g.due_at", Instant, "The earliest due date of all hosts"},
    ListColumn{"urgency", "g.urgency", Number, "Its best place in the order of work of a host"},
};
inline constexpr std::string_view kFleetPatches =
    "(SELECT p.source || ' ' || p.to_version AS id, p.source AS source, p.to_version AS "
    "to_version, "
    "COUNT(*) AS hosts, CAST(SUM(CASE p.state WHEN 'ready' THEN 1 ELSE 0 END) AS BIGINT) AS ready, "
    "CAST(SUM(CASE p.state WHEN 'blocked' THEN 1 ELSE 0 END) AS BIGINT) AS blocked, "
    "CAST(SUM(CASE p.state WHEN 'installed_not_live' THEN 1 ELSE 0 END) AS BIGINT) AS installed, "
    "MAX(p.kev) AS kev, MAX(p.exploited) AS exploited, MAX(p.public_exploit) AS public_exploit, "
    "COALESCE(MIN(NULLIF(p.due_at, 0)), 0) AS due_at, MIN(p.urgency) AS urgency "
    "FROM fleet_patch p JOIN host h ON h.id = p.host_id WHERE h.revoked_at = 0$group "
    "GROUP BY p.source, p.to_version) g";

inline constexpr std::array kPatchColumns{
    ListColumn{
        "id",
        "p.host_id || '.' || CAST(p.urgency AS TEXT)",
        Text,
        "Host id, a dot, its place in the order of work"},
    ListColumn{"host_id", "p.host_id", Text, "The host that misses it"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"urgency", "p.urgency", Number, "Its place in the host's order of work, from 1"},
    ListColumn{"source", "p.source", Text, "Source package"},
    ListColumn{"from", "p.from_version", Text, "The version that is installed"},
    ListColumn{"to", "p.to_version", Text, "The version that fixes it; empty: none is known"},
    ListColumn{"state", "p.state", Text, "ready, offer_unknown, blocked or installed_not_live"},
    ListColumn{"blocker", "p.blocker", Text, "What holds it back, for example hold"},
    ListColumn{"blocker_detail", "p.blocker_detail", Text, "Who or what, in words"},
    ListColumn{"kev", "p.kev", Boolean, "Whether it closes a vulnerability of KEV"},
    ListColumn{"exploited", "p.exploited", Boolean, "Whether one that is exploited"},
    ListColumn{"public_exploit", "p.public_exploit", Boolean, "Whether one with a public exploit"},
    ListColumn{"outcome", "p.outcome", Text, "immediate, out-of-cycle, scheduled or defer"},
    ListColumn{"due_at", "p.due_at", Instant, "When it is due; never: with the next upgrade"},
    ListColumn{"due_rule", "p.due_rule", Text, "The rule that says so"},
    ListColumn{"restart", "p.restart", Text, "none, services, reboot or unknown"},
    ListColumn{"vulnerabilities", "p.vulnerabilities", Number, "How many it closes"},
    ListColumn{"vulnerability_ids", "p.vulnerability_ids", Words, "Which"},
    ListColumn{"package_type", "p.package_type", Text, "As package URLs have it, for example deb"},
    ListColumn{
        "distribution", "COALESCE(f.distribution, '')", Text, "Of the host, for example debian-12"},
    ListColumn{"excepted_until", kExceptedUntil, Instant, "Until when an exception covers it"},
    ListColumn{"exception", kExceptedBy, Text, "Which one; empty: none"},
    ListColumn{"control_id", "p.mitigated_by", Text, "The control that shields all of it"},
    ListColumn{"mitigated_until", "p.mitigated_until", Instant, "Until when; never: it is not"},
    ListColumn{"unmitigated_outcome", "p.bare_outcome", Text, "The outcome without controls"},
    ListColumn{"unmitigated_due_at", "p.bare_due_at", Instant, "When it is due without controls"},
};

}  // namespace thimble::store
