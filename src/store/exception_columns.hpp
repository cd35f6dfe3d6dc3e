#pragma once
/// @file The columns of the lists of exceptions and their evidence, and how other lists tell of exceptions. Pure.

#include "thimble/store/list_table.hpp"

#include <array>

namespace thimble::store {

using enum ColumnType;

/// When the first of the controls that an exception `x` names is over: by its end, or as it was taken away; 0: none is named.
inline constexpr std::string_view kControlsEndAt =
    "COALESCE((SELECT MIN(CASE WHEN k.state IN ('retiring', 'retired') AND k.since < k.expires_at "
    "THEN k.since ELSE k.expires_at END) FROM control k WHERE replace(',' || x.controls || ',', "
    "',' || k.id || ',', '') <> ',' || x.controls || ','), 0)";
/// The name of that one; empty: none is named.
inline constexpr std::string_view kFirstControlToEnd =
    "COALESCE((SELECT k.name FROM control k WHERE replace(',' || x.controls || ',', ',' || k.id "
    "|| ',', '') <> ',' || x.controls || ',' ORDER BY CASE WHEN k.state IN ('retiring', 'retired') "
    "AND k.since < k.expires_at THEN k.since ELSE k.expires_at END, k.id LIMIT 1), '')";
/// 1: that is before the exception ends, which is asked for or in force.
inline constexpr std::string_view kControlEndsFirst =
    "CASE WHEN x.state IN ('requested', 'active') AND EXISTS (SELECT 1 FROM control k WHERE "
    "replace(',' || x.controls || ',', ',' || k.id || ',', '') <> ',' || x.controls || ',' AND "
    "(k.expires_at < x.expires_at OR (k.state IN ('retiring', 'retired') AND k.since < "
    "x.expires_at))) THEN 1 ELSE 0 END";

inline constexpr std::array kExceptionColumns{
    ListColumn{"id", "x.id", Text, "Id of the exception"},
    ListColumn{"state", "x.state", Text, "requested, active, refused, revoked or expired"},
    ListColumn{"reason", "x.reason", Text, "Why it cannot be patched, for example fix_breaks_app"},
    ListColumn{"group", "x.host_group", Text, "The host group that it is for, or *"},
    ListColumn{"tag", "x.host_tag", Text, "Only hosts with this tag; empty: any"},
    ListColumn{"hosts", "x.hosts", Words, "Only hosts with these ids; empty: any"},
    ListColumn{"packages", "x.packages", Words, "Only these source packages; empty: any"},
    ListColumn{
        "vulnerabilities",
        "x.vulnerabilities",
        Words,
        "Only patches that close nothing but these; empty: any"},
    ListColumn{"owner", "x.owner", Text, "Who answers for the risk"},
    ListColumn{"why", "x.why", Text, "What was said for it"},
    ListColumn{"requester", "x.requester", Text, "Who asked for it: user:NAME"},
    ListColumn{"approver", "x.approver", Text, "Who agreed; empty: nobody yet"},
    ListColumn{"controls", "x.controls", Words, "What shields it meanwhile"},
    ListColumn{
        "controls_end_at",
        kControlsEndAt,
        Instant,
        "When the first of these is over, by its end or as it was taken away; never: none is "
        "named"},
    ListColumn{"first_control_to_end", kFirstControlToEnd, Text, "Its name"},
    ListColumn{
        "control_ends_first",
        kControlEndsFirst,
        Boolean,
        "Whether that is before the exception ends, which is asked for or in force"},
    ListColumn{"requested_at", "x.requested_at", Instant, "When it was asked for"},
    ListColumn{"approved_at", "x.approved_at", Instant, "When somebody agreed last"},
    ListColumn{"expires_at", "x.expires_at", Instant, "When it ends"},
    ListColumn{"renewals", "x.renewals", Number, "How often it was given more time"},
    ListColumn{"renewal_by", "x.renewal_by", Text, "Who asks for more time; empty: nobody"},
    ListColumn{"renewal_until", "x.renewal_until", Instant, "Until when"},
    ListColumn{"ended_at", "x.ended_at", Instant, "When it was over"},
    ListColumn{
        "patches",
        "(SELECT COUNT(*) FROM excepted_patch e WHERE e.exception_id = x.id)",
        Number,
        "How many missing patches of hosts it covers now"},
};

inline constexpr std::array kExceptionEvidenceColumns{
    ListColumn{
        "id",
        "e.exception_id || '.' || CAST(e.number AS TEXT)",
        Text,
        "Id of the exception, a dot, a number"},
    ListColumn{"exception_id", "e.exception_id", Text, "The exception"},
    ListColumn{"group", "x.host_group", Text, "The host group of that exception"},
    ListColumn{"kind", "e.kind", Text, "rehearsal or vex"},
    ListColumn{"host_id", "e.host_id", Text, "The host that it is of; empty: none"},
    ListColumn{"document", "e.document", Text, "Digest of what was shown"},
    ListColumn{"summary", "e.summary", Text, "What it says, in short"},
    ListColumn{"added_at", "e.added_at", Instant, "When it was added"},
};

/// Until when an exception covers a row `p` of a host and a patch; 0: none does.
inline constexpr std::string_view kExceptedUntil =
    "COALESCE((SELECT MAX(e.until) FROM excepted_patch e WHERE e.host_id = p.host_id AND e.source "
    "= p.source AND e.to_version = p.to_version), 0)";
/// Which one; empty: none.
inline constexpr std::string_view kExceptedBy =
    "COALESCE((SELECT MIN(e.exception_id) FROM excepted_patch e WHERE e.host_id = p.host_id AND "
    "e.source = p.source AND e.to_version = p.to_version), '')";

}  // namespace thimble::store
