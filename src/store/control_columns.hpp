#pragma once
/// @file The columns of the lists of controls, their hosts, what was said of them, and of the board. Pure.

#include "thimble/store/exception_columns.hpp"
#include "thimble/store/list_table.hpp"

#include <array>

namespace thimble::store {

using enum ColumnType;

inline constexpr std::array kControlColumns{
    ListColumn{"id", "c.id", Text, "Id of the control"},
    ListColumn{"name", "c.name", Text, "Its name"},
    ListColumn{"kind", "c.kind", Text, "segmentation, isolation, virtual-patch, monitoring …"},
    ListColumn{"state", "c.state", Text, "Of its hosts the worst: proposed, verified, lapsed …"},
    ListColumn{"since", "c.since", Instant, "Since when"},
    ListColumn{"covers", "c.covers", Words, "The vulnerabilities that it stands against"},
    ListColumn{"sources", "c.sources", Words, "In these source packages; empty: in any"},
    ListColumn{"scope", "c.scope", Text, "Its hosts, JSON as text"},
    ListColumn{"hosts", "c.hosts", Number, "How many hosts it has"},
    ListColumn{"verified", "c.verified", Number, "On how many it is proven"},
    ListColumn{"lapsed", "c.lapsed", Number, "On how many it does not hold, or nobody knows"},
    ListColumn{"last_verified_at", "c.last_verified", Instant, "The oldest of the latest proofs"},
    ListColumn{"expires_at", "c.expires_at", Instant, "When it counts no more, whatever it does"},
    ListColumn{"verify_seconds", "c.verify_seconds", Number, "How often it is proven"},
    ListColumn{"retirement", "c.retirement", Text, "When its reason is gone: propose or remove"},
    ListColumn{"vector", "c.vector", Text, "The way of attack that it addresses"},
    ListColumn{"residual_risk", "c.residual_risk", Text, "What risk remains"},
    ListColumn{"owner", "c.owner", Text, "Who answers for it"},
    ListColumn{"requester", "c.requester", Text, "Who asked for it"},
    ListColumn{"requested_at", "c.requested_at", Instant, "When"},
    ListColumn{"why", "c.why", Text, "The reason that was given"},
    ListColumn{"approver", "c.approver", Text, "Who said yes; empty: nobody has"},
    ListColumn{"approved_at", "c.approved_at", Instant, "When"},
    ListColumn{"at_once", "c.at_once", Number, "How many hosts change at once"},
    ListColumn{
        "stopped_why", "c.stopped_why", Text, "Why it goes to no further host; empty: it does"},
    ListColumn{"renewals", "c.renewals", Number, "How often it was given more time"},
    ListColumn{"renewal_by", "c.renewal_by", Text, "Who asks for more time; empty: nobody"},
    ListColumn{"renewal_until", "c.renewal_until", Instant, "Until when"},
    ListColumn{"digest", "c.digest", Text, "SHA-256 of its document"},
    ListColumn{"document", "c.document", Text, "What is put up, JSON as text"},
};

// Of the hosts those of the group are counted; without any it tells of no host.
inline constexpr std::string_view kControls =
    "(SELECT k.id AS id, k.name AS name, k.kind AS kind, k.state AS state, k.since AS since, "
    "k.covers AS covers, k.sources AS sources, k.scope AS scope, k.expires_at AS expires_at, "
    "k.verify_seconds AS verify_seconds, k.retirement AS retirement, k.vector AS vector, "
    "k.residual_risk AS residual_risk, k.owner AS owner, k.requester AS requester, k.requested_at "
    "AS requested_at, k.why AS why, k.approver AS approver, k.approved_at AS approved_at, k.digest "
    "AS digest, k.document AS document, k.at_once AS at_once, k.stopped_why AS stopped_why, "
    "k.renewals AS renewals, k.renewal_by AS renewal_by, k.renewal_until AS renewal_until, "
    "(SELECT COUNT(*) FROM control_host p JOIN host h ON h.id = p.host_id WHERE p.control_id = "
    "k.id AND p.state <> 'retired'$group) AS hosts, "
    "(SELECT COUNT(*) FROM control_host p JOIN host h ON h.id = p.host_id WHERE p.control_id = "
    "k.id AND p.state = 'verified'$group) AS verified, "
    "(SELECT COUNT(*) FROM control_host p JOIN host h ON h.id = p.host_id WHERE p.control_id = "
    "k.id AND p.state = 'lapsed'$group) AS lapsed, "
    "COALESCE((SELECT MIN(p.last_verified) FROM control_host p JOIN host h ON h.id = p.host_id "
    "WHERE p.control_id = k.id AND p.state = 'verified'$group), 0) AS last_verified "
    "FROM control k WHERE EXISTS (SELECT 1 FROM control_host p JOIN host h ON h.id = p.host_id "
    "WHERE p.control_id = k.id$group) OR (k.host_group = '*' AND NOT EXISTS (SELECT 1 FROM "
    "control_host q WHERE q.control_id = k.id))) c";

inline constexpr std::array kControlHostColumns{
    ListColumn{"id", "s.control_id || '.' || s.host_id", Text, "Id of the control, a dot, host id"},
    ListColumn{"control_id", "s.control_id", Text, "The control"},
    ListColumn{"control", "c.name", Text, "The name of that control"},
    ListColumn{"kind", "c.kind", Text, "Its kind"},
    ListColumn{"host_id", "s.host_id", Text, "The host"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"state", "s.state", Text, "approved, deployed, verified, lapsed, retiring …"},
    ListColumn{"since", "s.since", Instant, "Since when"},
    ListColumn{"mode", "s.mode", Text, "Of a virtual patch, as the host says: detect or block"},
    ListColumn{"installed_at", "s.installed_at", Instant, "When it was put up"},
    ListColumn{"last_verified_at", "s.last_verified", Instant, "When it was last seen to hold"},
    ListColumn{
        "attested_until", "s.attested_until", Instant, "Until when somebody says that it holds"},
    ListColumn{
        "due_at",
        "CASE WHEN s.due_at >= 253402300799 THEN 0 ELSE s.due_at END",
        Instant,
        "When it is looked at next; of what is attested: when somebody is reminded"},
    ListColumn{"evidence", "s.evidence", Text, "Digest of the document that says so"},
    ListColumn{"bypass", "s.bypass", Text, "Ways around it that the host names"},
    ListColumn{
        "outside",
        "s.outside",
        Text,
        "What hosts outside say: not-probed, asked, held, open, shut, unknown; empty: nothing yet"},
    ListColumn{"outside_why", "s.outside_why", Text, "Why so"},
    ListColumn{"why", "s.why", Text, "What the host says of it"},
    ListColumn{"job_id", "s.job_id", Text, "Its job that is under way"},
    ListColumn{
        "removal_proposed_at",
        "s.removal_proposed_at",
        Instant,
        "When nothing that it covers was open any more, or it had expired"},
    ListColumn{"expires_at", "c.expires_at", Instant, "When it counts no more"},
};

inline constexpr std::string_view kControlHosts =
    "control_host s JOIN control c ON c.id = s.control_id JOIN host h ON h.id = s.host_id";

inline constexpr std::array kControlCheckColumns{
    ListColumn{
        "id",
        "s.control_id || '.' || s.host_id || '.' || CAST(s.number AS TEXT)",
        Text,
        "Control, host and number, dots between"},
    ListColumn{"control_id", "s.control_id", Text, "The control"},
    ListColumn{"host_id", "s.host_id", Text, "The host"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"number", "s.number", Number, "1, 2, 3 of that control on that host"},
    ListColumn{"at", "s.at", Instant, "When"},
    ListColumn{"action", "s.action", Text, "deploy, verify, remove, probe or attest"},
    ListColumn{
        "said",
        "s.said",
        Text,
        "What was said: holding, broken, failed …; of a probe connected, not-connected, unknown"},
    ListColumn{"state", "s.state", Text, "Where the control stands there since"},
    ListColumn{"actor", "s.actor", Text, "Who said it"},
    ListColumn{"document", "s.document", Text, "Digest of the report"},
    ListColumn{"why", "s.why", Text, "The first check that failed, or the evidence"},
};

inline constexpr std::string_view kControlChecks =
    "control_check s JOIN host h ON h.id = s.host_id";

inline constexpr std::array kBoardColumns{
    ListColumn{
        "id",
        "u.host_id || ' ' || u.source || ' ' || u.to_version",
        Text,
        "Host id, source and version, blanks between"},
    ListColumn{
        "lapse_order",
        "CASE WHEN s.state = 'lapsed' OR s.outside = 'open' THEN 0 WHEN s.state IS NOT NULL AND "
        "(s.state <> 'verified' OR s.outside NOT IN ('', 'not-probed', 'held')) "
        "THEN 1 ELSE COALESCE(c.expires_at, x.expires_at, 9999999999) END",
        Number,
        "Lapsed, or open from outside, first, then what is not proven yet, then what ends soonest, "
        "then what nobody has agreed to"},
    ListColumn{"host_id", "u.host_id", Text, "The host"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"source", "u.source", Text, "Source package"},
    ListColumn{"to", "u.to_version", Text, "The version that fixes it; empty: none is known"},
    ListColumn{"vulnerability_ids", "u.vulnerability_ids", Words, "Which are open in it"},
    ListColumn{
        "reason",
        "COALESCE(x.reason, u.reason)",
        Text,
        "Why it is not patched: what the exception says, else what was found"},
    ListColumn{"exception", "COALESCE(x.id, '')", Text, "The exception that covers it"},
    ListColumn{"owner", "COALESCE(x.owner, c.owner, '')", Text, "Who answers for it"},
    ListColumn{"kev", "u.kev", Boolean, "Whether one of them is in KEV"},
    ListColumn{"exploited", "u.exploited", Boolean, "Whether one of them is exploited"},
    ListColumn{"outcome", "u.outcome", Text, "immediate, out-of-cycle, scheduled or defer"},
    ListColumn{"due_at", "u.due_at", Instant, "When it is due; never: with the next upgrade"},
    ListColumn{
        "control_id",
        "COALESCE(c.id, u.control_id)",
        Text,
        "The control that covers it, else one that the exception names and that is there"},
    ListColumn{"control", "COALESCE(c.name, '')", Text, "Its name"},
    ListColumn{"control_state", "COALESCE(s.state, '')", Text, "Where it stands on that host"},
    ListColumn{
        "control_refusal",
        "CASE WHEN u.control_id = '' AND c.id IS NOT NULL THEN 'the exception names it, and it "
        "does not count for all of this' ELSE u.control_refusal END",
        Text,
        "Why it does not count; empty: it does"},
    ListColumn{
        "outside",
        "CASE WHEN s.state IS NULL OR c.kind NOT IN ('segmentation', 'isolation') THEN '' WHEN "
        "s.outside = '' THEN 'not-probed' ELSE s.outside END",
        Text,
        "Of a segmentation or an isolation, what hosts outside say of it there: open (somebody "
        "gets through who must not), shut, unknown, asked, not-probed (nobody was asked), held"},
    ListColumn{"outside_why", "COALESCE(s.outside_why, '')", Text, "Who, and what was seen"},
    ListColumn{
        "control_stopped",
        "COALESCE(c.stopped_why, '')",
        Text,
        "Why the control goes to no further host; empty: it does"},
    ListColumn{
        "last_verified_at", "COALESCE(s.last_verified, 0)", Instant, "When it was last proven"},
    ListColumn{
        "ends_at",
        "COALESCE(c.expires_at, x.expires_at, 0)",
        Instant,
        "When the control ends, or without one the exception"},
    ListColumn{
        "exception_ends_at", "COALESCE(x.expires_at, 0)", Instant, "When the exception ends"},
    ListColumn{
        "controls_end_at",
        kControlsEndAt,
        Instant,
        "When the first of the controls that the exception names is over; never: it names none"},
    ListColumn{"first_control_to_end", kFirstControlToEnd, Text, "The name of that control"},
    ListColumn{
        "control_ends_first",
        kControlEndsFirst,
        Boolean,
        "Whether that is before the exception ends"},
    ListColumn{"from", "u.from_version", Text, "The version that is installed"},
    ListColumn{"package_type", "u.package_type", Text, "As package URLs have it, for example deb"},
    ListColumn{
        "distribution", "COALESCE(f.distribution, '')", Text, "Of the host, for example debian-12"},
};

// A patch that an exception covers loses its control when that does not count any more: then one that the exception names
// and that is there is told of, the worst first.
// What cannot be patched, what could be and is left out by an exception, and what was taken back in the group of a host.
inline constexpr std::string_view kBoard =
    "(SELECT host_id, source, to_version, reason, vulnerability_ids, kev, exploited, outcome, "
    "due_at, control_id, control_refusal, from_version, package_type FROM fleet_unpatched UNION "
    "ALL SELECT DISTINCT p.host_id, "
    "p.source, p.to_version, 'taken_back', p.vulnerability_ids, p.kev, p.exploited, p.outcome, "
    "p.due_at, p.mitigated_by, '', p.from_version, p.package_type FROM taken_back t JOIN "
    "taken_back_patch b ON b.taken_back_id = "
    "t.id JOIN host g ON g.host_group = t.host_group JOIN fleet_patch p ON p.host_id = g.id AND "
    "p.source = b.source AND p.to_version = b.to_version WHERE t.reviewed_at = 0 AND p.state <> "
    "'installed_not_live' AND NOT EXISTS "
    "(SELECT 1 FROM excepted_patch e WHERE e.host_id = p.host_id AND e.source = p.source AND "
    "e.to_version = p.to_version) AND NOT EXISTS (SELECT 1 FROM fleet_unpatched n WHERE n.host_id "
    "= p.host_id AND n.source = p.source AND n.to_version = p.to_version) UNION ALL SELECT "
    "p.host_id, "
    "p.source, p.to_version, '', p.vulnerability_ids, p.kev, p.exploited, p.outcome, p.due_at, "
    "p.mitigated_by, '', p.from_version, p.package_type FROM fleet_patch p WHERE EXISTS (SELECT 1 "
    "FROM excepted_patch e WHERE "
    "e.host_id = p.host_id AND e.source = p.source AND e.to_version = p.to_version) AND NOT EXISTS "
    "(SELECT 1 FROM fleet_unpatched n WHERE n.host_id = p.host_id AND n.source = p.source AND "
    "n.to_version = p.to_version)) u JOIN host h ON h.id = u.host_id AND h.revoked_at = 0 LEFT "
    "JOIN fleet_host f ON f.host_id = u.host_id LEFT "
    "JOIN patch_exception x ON x.id = (SELECT MIN(e.exception_id) FROM excepted_patch e WHERE "
    "e.host_id = u.host_id AND e.source = u.source AND e.to_version = u.to_version) LEFT JOIN "
    "control c ON c.id = CASE u.control_id WHEN '' THEN (SELECT o.control_id FROM control_host o "
    "WHERE o.host_id = u.host_id AND o.state <> 'retired' AND replace(',' || x.controls || ',', "
    "',' || o.control_id || ',', '') <> ',' || x.controls || ',' ORDER BY CASE WHEN o.state = "
    "'verified' AND o.outside IN ('', "
    "'not-probed', 'held') THEN 1 ELSE 0 END, o.control_id LIMIT 1) ELSE u.control_id END LEFT "
    "JOIN control_host s ON s.control_id = c.id AND s.host_id = u.host_id";

}  // namespace thimble::store
