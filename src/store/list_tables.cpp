// What the lists are: their columns, and the tables that they are read from.
#include "thimble/store/computed_columns.hpp"
#include "thimble/store/control_columns.hpp"
#include "thimble/store/exception_columns.hpp"
#include "thimble/store/list_table.hpp"
#include "thimble/store/patch_columns.hpp"
#include "thimble/store/rollout_columns.hpp"
#include "thimble/store/taken_back_columns.hpp"

#include <array>

namespace thimble::store {
namespace {

constexpr std::array kApiTokenColumns{
    ListColumn{"id", "t.id", Text, "Id of the token"},
    ListColumn{"name", "t.name", Text, "What it is for"},
    ListColumn{"user", "a.name", Text, "The account that it stands for"},
    ListColumn{"actions", "t.actions", Text, "Names of actions, comma separated"},
    ListColumn{"group", "t.host_group", Text, "The host group that it is limited to, or *"},
    ListColumn{"created_at", "t.created_at", Instant, "When it was made"},
    ListColumn{"expires_at", "t.expires_at", Instant, "When it ends"},
    ListColumn{"revoked_at", "t.revoked_at", Instant, "When it was revoked"},
};

/// Actors by the names that people know, see AuditChange::actor.
constexpr std::string_view kWhoActed =
    "COALESCE((SELECT a.name || ' (token ' || t.name || ')' FROM api_token t JOIN account a ON "
    "a.id = "
    "t.account_id WHERE audit.actor LIKE 'token:%' AND t.id = SUBSTR(audit.actor, 7)), (SELECT "
    "h.name || ' "
    "(host)' FROM host h WHERE audit.actor LIKE 'host:%' AND h.id = SUBSTR(audit.actor, 6)), CASE "
    "WHEN "
    "audit.actor LIKE 'user:%' THEN SUBSTR(audit.actor, 6) ELSE audit.actor END)";

constexpr std::array kAuditColumns{
    ListColumn{"sequence", "sequence", Number, "1, 2, 3 without holes"},
    ListColumn{"at", "at", Instant, "When it was done"},
    ListColumn{"actor", "actor", Text, "Who did it: user:NAME, token:ID, host:ID or server"},
    ListColumn{"by", kWhoActed, Text, "Who that is: ada, ada (token ci), web1 (host), server"},
    ListColumn{"action", "action", Text, "What was done, for example token.create"},
    ListColumn{"subject", "subject", Text, "The id of what it was done to"},
    ListColumn{"before", "before_json", Text, "JSON as text, or empty"},
    ListColumn{"after", "after_json", Text, "JSON as text, or empty"},
    ListColumn{"why", "reason", Text, "The reason that was given"},
    ListColumn{"previous_hash", "previous_hash", Text, "Hash of the entry before"},
    ListColumn{"hash", "hash", Text, "SHA-256 over previous_hash and this entry"},
};

constexpr std::array kEnrolmentTokenColumns{
    ListColumn{"id", "id", Text, "Id of the token"},
    ListColumn{"name", "name", Text, "What it is for"},
    ListColumn{"group", "host_group", Text, "The group that hosts enrol into"},
    ListColumn{"tags", "tags", Words, "What hosts are tagged with when they enrol"},
    ListColumn{"reusable", "reusable", Boolean, "Whether more than one host may use it"},
    ListColumn{"used", "used", Number, "How many hosts used it"},
    ListColumn{"created_by", "created_by", Text, "Who made it"},
    ListColumn{"created_at", "created_at", Instant, "When it was made"},
    ListColumn{"expires_at", "expires_at", Instant, "When it ends"},
    ListColumn{"revoked_at", "revoked_at", Instant, "When it was revoked"},
};

constexpr std::array kGroupColumns{
    ListColumn{"name", "g.name", Text, "The group"},
    ListColumn{"hosts", "g.hosts", Number, "How many hosts it has"},
    ListColumn{"unknown", "g.unknown", Number, "On how many something is not known"},
    ListColumn{
        "overdue",
        "g.overdue",
        Count,
        "How many are known to have something past its due date, with a fix or without"},
    ListColumn{
        "exploited",
        "g.exploited",
        Count,
        "How many are known to have something open that is in use"},
    ListColumn{
        "unread_changelogs",
        "g.unread_changelogs",
        Number,
        "On how many of the others changelogs of pending updates were not read"},
};
constexpr std::string_view kGroups =
    "(SELECT h.host_group AS name, COUNT(*) AS hosts, "
    "CAST(SUM(CASE COALESCE(f.unknown_why, '?') WHEN '' THEN 0 ELSE 1 END) AS BIGINT) AS unknown, "
    // As of a host: none is only said where every one of them is known to have none.
    "CAST(CASE WHEN SUM(CASE WHEN f.overdue > 0 THEN 1 ELSE 0 END) = 0 "
    "AND SUM(CASE WHEN f.readable = 1 AND f.unknown_why = '' THEN 0 ELSE 1 END) > 0 THEN -1 "
    "ELSE SUM(CASE WHEN f.overdue > 0 THEN 1 ELSE 0 END) END AS BIGINT) AS overdue, "
    "CAST(CASE WHEN SUM(CASE WHEN f.exploited > 0 THEN 1 ELSE 0 END) = 0 "
    "AND SUM(CASE WHEN f.readable = 1 AND f.unknown_why = '' THEN 0 ELSE 1 END) > 0 THEN -1 "
    "ELSE SUM(CASE WHEN f.exploited > 0 THEN 1 ELSE 0 END) END AS BIGINT) AS exploited, "
    "CAST(SUM(CASE WHEN f.unknown_why = '' AND f.gaps LIKE '%\"inventory.no_changelog\"%' THEN 1 "
    "ELSE 0 END) AS BIGINT) AS unread_changelogs "
    "FROM host h LEFT JOIN fleet_host f ON f.host_id = h.id WHERE h.revoked_at = 0$group "
    "GROUP BY h.host_group) g";

constexpr std::array kHostColumns{
    ListColumn{"id", "h.id", Text, "Id of the host, the common name of its certificate"},
    ListColumn{"name", "h.name", Text, "Its host name"},
    ListColumn{"group", "h.host_group", Text, "The group that it belongs to"},
    ListColumn{"tags", "h.tags", Words, "Its tags, for example env=prod"},
    ListColumn{"operating_system", "h.operating_system", Text, "For example Debian 12"},
    ListColumn{"architecture", "h.architecture", Text, "For example amd64"},
    ListColumn{"agent_version", "h.agent_version", Text, "Version of its agent"},
    ListColumn{"reach", "h.reach", Text, "How it is reached: agent, or ssh by a relay"},
    ListColumn{
        "address", "h.address", Text, "Its own address, as it asks the server; empty: not known"},
    ListColumn{
        "waits_why",
        "COALESCE((SELECT MAX(w.progress) FROM job w WHERE w.host_id = h.id AND w.finished_at = 0 "
        "AND w.state = 'waiting'), '')",
        Text,
        "Why a job of it does not begin, as its agent says; empty: nothing keeps it"},
    ListColumn{"boot_id", "h.boot_id", Text, "Changes with every boot"},
    ListColumn{"inventory_digest", "h.inventory_digest", Text, "SHA-256 of its inventory"},
    ListColumn{"report_sequence", "h.report_sequence", Number, "The last report that was taken"},
    ListColumn{
        "certificate_expires_at", "h.certificate_expires_at", Instant, "When it must have renewed"},
    ListColumn{"enrolled_at", "h.enrolled_at", Instant, "When it enrolled"},
    ListColumn{
        "last_seen_at", "h.last_seen_at", Instant, "When it was last heard of, within seconds"},
    ListColumn{"revoked_at", "h.revoked_at", Instant, "When its certificate was revoked"},
    ListColumn{
        "superseded_by",
        "CASE WHEN s.id IS NULL OR s.revoked_at <> 0 OR h.last_seen_at > s.enrolled_at THEN '' "
        "ELSE s.id END",
        Text,
        "The later enrolment of the same machine and name; this one has been silent since"},
    ListColumn{
        "overdue",
        "CASE WHEN f.readable = 1 AND (f.unknown_why = '' OR f.overdue > 0) THEN f.overdue ELSE -1 "
        "END",
        Count,
        "Patches, and vulnerabilities without a fix, past their due date"},
    ListColumn{
        "exploited",
        "CASE WHEN f.readable = 1 AND (f.unknown_why = '' OR f.exploited > 0) THEN f.exploited "
        "ELSE -1 END",
        Count,
        "Open vulnerabilities in use"},
    ListColumn{
        "pending",
        "CASE WHEN f.readable = 1 AND (f.unknown_why = '' OR f.pending > 0) THEN f.pending ELSE -1 "
        "END",
        Count,
        "Patches ready, or not yet live"},
    ListColumn{
        "blocked",
        "CASE WHEN f.readable = 1 AND (f.unknown_why = '' OR f.blocked > 0) THEN f.blocked ELSE -1 "
        "END",
        Count,
        "Patches that are held back"},
    ListColumn{
        "unknown",
        "CASE WHEN f.readable = 1 AND (f.unknown_why = '' OR f.unknown_packages > 0) THEN "
        "f.unknown_packages ELSE -1 END",
        Count,
        "Packages that were not judged"},
    ListColumn{
        "unknown_why",
        "COALESCE(f.unknown_why, 'not judged yet')",
        Text,
        "Why the host counts as unknown; empty: it does not"},
    ListColumn{"gaps", "COALESCE(f.gaps, '[]')", Text, "What could not be known, JSON as text"},
    ListColumn{"judged_at", "COALESCE(f.judged_at, 0)", Instant, "When it was judged"},
};

constexpr std::array kDocumentColumns{
    ListColumn{"digest", "digest", Text, "SHA-256 of the expanded document"},
    ListColumn{"expanded_bytes", "expanded_bytes", Number, "Its size"},
    ListColumn{"stored_at", "stored_at", Instant, "When it first came"},
};

/// As kWhoActed.
constexpr std::string_view kWhoMadeDeployment =
    "COALESCE((SELECT a.name || ' (token ' || t.name || ')' FROM api_token t JOIN account a ON "
    "a.id = t.account_id WHERE d.created_by LIKE 'token:%' AND t.id = SUBSTR(d.created_by, 7)), "
    "CASE WHEN d.created_by LIKE 'user:%' THEN SUBSTR(d.created_by, 6) ELSE d.created_by END)";
constexpr std::array kDeploymentColumns{
    ListColumn{"id", "d.id", Text, "Id of the deployment"},
    ListColumn{"selection", "d.selection", Text, "What is to be patched, JSON as text"},
    ListColumn{"restart_services", "d.restart_services", Boolean, "Whether services are restarted"},
    ListColumn{"created_by", "d.created_by", Text, "Who made it: user:NAME or token:ID"},
    ListColumn{"by", kWhoMadeDeployment, Text, "Who that is: ada, ada (token ci)"},
    ListColumn{"created_at", "d.created_at", Instant, "When it was made"},
    ListColumn{"why", "d.why", Text, "The reason that was given"},
    ListColumn{"cancelled_at", "d.cancelled_at", Instant, "When it was cancelled"},
    ListColumn{"hosts", "d.hosts", Number, "How many hosts it has"},
    ListColumn{"verified", "d.verified", Number, "On how many it is live, or there was nothing"},
    ListColumn{"under_way", "d.under_way", Number, "How many have a job under way"},
};
// Counted for the deployments of the page alone, not for all of them in a join.
constexpr std::string_view kDeployments =
    "(SELECT e.id AS id, e.selection AS selection, e.restart_services AS restart_services, "
    "e.created_by AS created_by, e.created_at AS created_at, e.why AS why, e.cancelled_at AS "
    "cancelled_at, "
    "(SELECT COUNT(*) FROM deployment_host p JOIN host h ON h.id = p.host_id WHERE "
    "p.deployment_id = e.id$group) AS hosts, "
    "(SELECT COUNT(*) FROM deployment_host p JOIN host h ON h.id = p.host_id WHERE "
    "p.deployment_id = e.id$group AND p.phase IN ('verified', 'nothing-to-do')) AS verified, "
    "(SELECT COUNT(*) FROM deployment_host p JOIN host h ON h.id = p.host_id WHERE "
    "p.deployment_id = e.id$group AND p.phase IN ('planning', 'rehearsing', 'applying', "
    "'verifying', 'restarting')) AS under_way "
    "FROM deployment e WHERE EXISTS (SELECT 1 FROM deployment_host p JOIN host h ON h.id = "
    "p.host_id WHERE p.deployment_id = e.id$group)) d";

constexpr std::array kDeploymentHostColumns{
    ListColumn{
        "id", "p.deployment_id || '.' || p.host_id", Text, "Id of the deployment, a dot, host id"},
    ListColumn{"deployment_id", "p.deployment_id", Text, "The deployment"},
    ListColumn{"host_id", "p.host_id", Text, "The host"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"phase", "p.phase", Text, "Where it stands, for example rehearsing or verified"},
    ListColumn{"ring", "p.ring", Number, "Of a rollout: its ring, 0 is the first"},
    ListColumn{"since", "p.since", Instant, "Since when"},
    ListColumn{"why", "p.why", Text, "What the host says of it"},
    ListColumn{"progress", "COALESCE(j.progress, '')", Text, "The last line of its last job"},
    ListColumn{"job_id", "p.job_id", Text, "Its last job"},
    ListColumn{"job_state", "COALESCE(j.state, '')", Text, "Of that job; waiting: not begun yet"},
    ListColumn{
        "job_begun_at", "COALESCE(j.begun_at, 0)", Instant, "When its host was first at that job"},
    ListColumn{"plan_digest", "p.plan_digest", Text, "The plan that was frozen there"},
    ListColumn{
        "restart",
        "COALESCE((SELECT l.restart FROM host_plan l WHERE l.digest = p.plan_digest), '')",
        Text,
        "Of that plan: none, services, reboot or unknown; empty: it is not known"},
    ListColumn{"run", "p.run", Text, "The run of its transaction"},
    ListColumn{"noticed_at", "p.noticed_at", Instant, "Since when its owner has notice of it"},
    ListColumn{
        "gave_way_to",
        "p.gave_way_to",
        Text,
        "The emergency that took it, until it is begun again; empty: none"},
};

// Nothing is fine on a host that is silent or cannot be judged, whatever it was before.
constexpr std::array kPatchStateColumns{
    ListColumn{
        "id",
        "p.host_id || ' ' || p.source || ' ' || p.to_version",
        Text,
        "Host id, source and version, blanks between"},
    ListColumn{"host_id", "p.host_id", Text, "The host"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"source", "p.source", Text, "Source package"},
    ListColumn{"to", "p.to_version", Text, "The version that fixes it; empty: none is known"},
    ListColumn{
        "state",
        "CASE WHEN (COALESCE(f.silent, 1) = 1 OR f.readable = 0) AND p.state IN ('verified', "
        "'not_applicable') THEN 'unknown' WHEN p.state IN ('missing', 'blocked', 'unpatchable', "
        "'failed', 'failed_health', 'rolled_back') AND EXISTS (SELECT 1 FROM excepted_patch e "
        "WHERE e.host_id = p.host_id AND e.source = p.source AND e.to_version = p.to_version) THEN "
        "'excepted' ELSE p.state END",
        Text,
        "For example missing, installing, excepted or verified"},
    ListColumn{"excepted_until", kExceptedUntil, Instant, "Until when an exception covers it"},
    ListColumn{"exception", kExceptedBy, Text, "Which one; empty: none"},
    ListColumn{"since", "p.since", Instant, "Since when, were the host heard of"},
    ListColumn{"evidence", "p.evidence", Text, "What led to it, JSON as text"},
    // Beside the state, never as one: what is shielded is not patched.
    ListColumn{
        "mitigated_until",
        "COALESCE((SELECT MAX(q.mitigated_until) FROM fleet_patch q WHERE q.host_id = p.host_id "
        "AND q.source = p.source AND q.to_version = p.to_version), 0)",
        Instant,
        "Until when a control shields all of it; never: none does"},
    ListColumn{
        "unknown_why",
        "COALESCE(f.unknown_why, 'not judged yet')",
        Text,
        "Why the host counts as unknown; empty: it does not"},
};

constexpr std::array kPlanColumns{
    ListColumn{"digest", "p.digest", Text, "SHA-256 that stands for the plan"},
    ListColumn{"host_id", "p.host_id", Text, "The host that it is of"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"patches", "p.patches", Words, "Source packages and versions"},
    ListColumn{"steps", "p.steps", Number, "How many binary packages change"},
    ListColumn{"download_bytes", "p.download_bytes", Number, "What is to be fetched"},
    ListColumn{"restart", "p.restart", Text, "none, services, reboot or unknown"},
    ListColumn{"problems", "p.problems", Number, "How many refuse it; 0: it can be rehearsed"},
    ListColumn{"document", "p.document", Text, "Digest of the document that it is"},
    ListColumn{"created_at", "p.created_at", Instant, "When it was frozen"},
};

constexpr std::array kRunColumns{
    ListColumn{"id", "r.host_id || '.' || r.run", Text, "Host id, a dot, the host's own id of it"},
    ListColumn{"host_id", "r.host_id", Text, "The host"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"run", "r.run", Text, "The host's own id of it"},
    ListColumn{"kind", "r.kind", Text, "apply or rollback"},
    ListColumn{"plan_digest", "r.plan_digest", Text, "The plan that it carried out"},
    ListColumn{"result", "r.result", Text, "For example applied or rolled_back"},
    ListColumn{"why", "r.why", Text, "What the host says of it"},
    ListColumn{"job_id", "r.job_id", Text, "The job that asked for it"},
    ListColumn{"reported_at", "r.reported_at", Instant, "When its host told of it"},
};

constexpr std::array kJobColumns{
    ListColumn{"id", "j.id", Text, "Id of the job"},
    ListColumn{"host_id", "j.host_id", Text, "The host that it is for"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"kind", "j.kind", Text, "What it asks for; empty: signed elsewhere"},
    ListColumn{"plan_digest", "j.plan_digest", Text, "The plan that it is about"},
    ListColumn{"run", "j.run", Text, "Of a rollback: the run to take back"},
    ListColumn{"deployment_id", "j.deployment_id", Text, "The deployment that it is of"},
    ListColumn{
        "state",
        "CASE WHEN j.state = 'waiting' AND j.finished_at <> 0 AND j.kind <> '' THEN 'withdrawn' "
        "ELSE j.state END",
        Text,
        "waiting, running, done, failed, refused, interrupted, expired, or withdrawn before it was "
        "begun"},
    ListColumn{"progress", "j.progress", Text, "The last line that was heard of it"},
    ListColumn{"exit_status", "j.exit_status", Number, "Of the program on the host"},
    ListColumn{"why", "j.why", Text, "What the host says of its end"},
    ListColumn{"document", "j.document", Text, "Digest of what its program printed"},
    ListColumn{"evidence", "j.evidence", Text, "Digest of the volatile evidence before it"},
    ListColumn{"evidence_why", "j.evidence_why", Text, "Why that cannot be read"},
    ListColumn{"hooks", "j.hooks", Text, "What hooks of the host's owner said around it, as JSON"},
    ListColumn{"created_by", "j.created_by", Text, "Who made it"},
    ListColumn{"created_at", "j.created_at", Instant, "When it was made"},
    ListColumn{"expires_at", "j.expires_at", Instant, "When it is no longer given out"},
    ListColumn{"begun_at", "j.begun_at", Instant, "When its host was first heard to be at it"},
    ListColumn{"finished_at", "j.finished_at", Instant, "When its host reported its end"},
};

constexpr std::array kReportColumns{
    // One text as key: a report is known by its host and its number there.
    ListColumn{
        "id", "r.host_id || '.' || CAST(r.sequence AS TEXT)", Text, "Host id, a dot, sequence"},
    ListColumn{"host_id", "r.host_id", Text, "The host that reported"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"sequence", "r.sequence", Number, "1, 2, 3 without holes, per host"},
    ListColumn{"received_at", "r.received_at", Instant, "When it came"},
    ListColumn{"kind", "r.kind", Text, "What kind of report it is"},
    ListColumn{"content", "r.content", Text, "JSON as text"},
};

constexpr std::array kUserColumns{
    ListColumn{"id", "a.id", Text, "Id of the account"},
    ListColumn{"name", "a.name", Text, "The name to sign in with"},
    ListColumn{"role", "a.role", Text, "viewer, operator, approver or administrator"},
    ListColumn{"created_at", "a.created_at", Instant, "When it was made"},
    ListColumn{"disabled_at", "a.disabled_at", Instant, "When it was disabled"},
    ListColumn{"group", "a.host_group", Text, "The host group that it is limited to, or *"},
    ListColumn{
        "subject",
        "COALESCE(i.subject, '')",
        Text,
        "Who it is at the provider of sign-in; empty: it signs in by password alone"},
};

constexpr std::array kTables{
    ListTable{
        "advisories",
        kComputed,
        kAdvisoryColumns,
        ListScope::Within,
        "urgency",
        "An advisory that would close something that is open here"},
    ListTable{
        "api-tokens",
        "api_token t JOIN account a ON a.id = t.account_id",
        kApiTokenColumns,
        ListScope::Whole,
        "name",
        "A token with which a program uses the API"},
    ListTable{
        "audit", "audit", kAuditColumns, ListScope::Whole, "sequence", "An entry of the audit log"},
    ListTable{
        "board",
        kBoard,
        kBoardColumns,
        ListScope::Column,
        "lapse_order",
        "What cannot be patched on a host, or is shielded there"},
    ListTable{
        "control-checks",
        kControlChecks,
        kControlCheckColumns,
        ListScope::Column,
        "-at",
        "What was said of a control on a host"},
    ListTable{
        "control-hosts",
        kControlHosts,
        kControlHostColumns,
        ListScope::Column,
        "host",
        "A host of a compensating control"},
    ListTable{
        "controls",
        kControls,
        kControlColumns,
        ListScope::Within,
        "-requested_at",
        "A compensating control"},
    ListTable{
        "deployment-hosts",
        "deployment_host p JOIN host h ON h.id = p.host_id LEFT JOIN job j ON j.id = p.job_id",
        kDeploymentHostColumns,
        ListScope::Column,
        "host",
        "A host of a deployment"},
    ListTable{
        "deployments",
        kDeployments,
        kDeploymentColumns,
        ListScope::Within,
        "-created_at",
        "A patch set on its way to hosts"},
    ListTable{
        "enrolment-tokens",
        "enrolment_token",
        kEnrolmentTokenColumns,
        ListScope::Column,
        "name",
        "A token with which hosts enrol"},
    ListTable{
        "exception-evidence",
        "exception_evidence e JOIN patch_exception x ON x.id = e.exception_id",
        kExceptionEvidenceColumns,
        ListScope::Column,
        "added_at",
        "What was shown for an exception"},
    ListTable{
        "exceptions",
        "patch_exception x",
        kExceptionColumns,
        ListScope::Column,
        "expires_at",
        "Why a patch may be missing for a while"},
    ListTable{
        "feeds",
        kComputed,
        kFeedColumns,
        ListScope::Open,
        "feed",
        "A feed of the catalog by which hosts are judged"},
    ListTable{
        "findings",
        kComputed,
        kFindingColumns,
        ListScope::Column,
        "id",
        "A vulnerability that is open in a package of a host; host_id or vulnerability must be "
        "given"},
    ListTable{
        "fleet-patches",
        kFleetPatches,
        kFleetPatchColumns,
        ListScope::Within,
        "urgency",
        "A fix that hosts miss, over all hosts"},
    ListTable{"groups", kGroups, kGroupColumns, ListScope::Within, "name", "A group of hosts"},
    ListTable{
        "hosts",
        "host h LEFT JOIN fleet_host f ON f.host_id = h.id LEFT JOIN host s ON s.id = "
        "h.superseded_by",
        kHostColumns,
        ListScope::Column,
        "name",
        "A host that enrolled"},
    ListTable{
        "inventory-documents",
        "inventory_document",
        kDocumentColumns,
        ListScope::Whole,
        "digest",
        "An inventory, kept once for all hosts that have it"},
    ListTable{
        "jobs",
        "job j JOIN host h ON h.id = j.host_id",
        kJobColumns,
        ListScope::Column,
        "-created_at",
        "A signed job for one host"},
    ListTable{
        "packages",
        kComputed,
        kPackageColumns,
        ListScope::Within,
        "name",
        "A version of a package that hosts have, as advisories name it"},
    ListTable{
        "patch-states",
        "patch_state p JOIN host h ON h.id = p.host_id AND h.revoked_at = 0 LEFT JOIN fleet_host f "
        "ON f.host_id = p.host_id",
        kPatchStateColumns,
        ListScope::Column,
        "source",
        "Where a patch of a host stands"},
    ListTable{
        "patches",
        "fleet_patch p JOIN host h ON h.id = p.host_id LEFT JOIN fleet_host f ON f.host_id = "
        "p.host_id",
        kPatchColumns,
        ListScope::Column,
        "urgency",
        "A patch that a host misses"},
    ListTable{
        "plans",
        "host_plan p JOIN host h ON h.id = p.host_id",
        kPlanColumns,
        ListScope::Column,
        "-created_at",
        "A plan that was frozen on a host"},
    ListTable{"policies", "rollout_policy", kPolicyColumns, ListScope::Whole, "name", "A policy"},
    ListTable{
        "reports",
        "report r JOIN host h ON h.id = r.host_id",
        kReportColumns,
        ListScope::Column,
        "-received_at",
        "What an agent reported"},
    ListTable{
        "reviews",
        "rollout_review v JOIN rollout r ON r.deployment_id = v.deployment_id JOIN deployment d ON "
        "d.id = v.deployment_id",
        kReviewColumns,
        ListScope::Whole,
        "-created_at",
        "The review of an emergency"},
    ListTable{
        "rollout-deferrals",
        "rollout_deferral o JOIN host h ON h.id = o.host_id",
        kRolloutDeferralColumns,
        ListScope::Column,
        "host",
        "A host of a rollout that its owner has put off"},
    ListTable{
        "rollout-rings",
        kRolloutRings,
        kRolloutRingColumns,
        ListScope::Within,
        "ring",
        "A ring of a rollout"},
    ListTable{
        "rollouts",
        kRollouts,
        kRolloutColumns,
        ListScope::Within,
        "-created_at",
        "A deployment that goes by a policy"},
    ListTable{
        "runs",
        "host_run r JOIN host h ON h.id = r.host_id",
        kRunColumns,
        ListScope::Column,
        "-reported_at",
        "A transaction of a host, there or back"},
    ListTable{"tags", kComputed, kTagColumns, ListScope::Within, "tag", "A tag that hosts have"},
    ListTable{
        "taken-back",
        "taken_back t JOIN host h ON h.id = t.host_id",
        kTakenBackColumns,
        ListScope::Column,
        "-taken_back_at",
        "A patch set that a host took back"},
    ListTable{
        "users",
        "account a LEFT JOIN account_identity i ON i.account_id = a.id",
        kUserColumns,
        ListScope::Whole,
        "name",
        "Somebody who may sign in"},
    ListTable{
        "vulnerabilities",
        kComputed,
        kVulnerabilityColumns,
        ListScope::Within,
        "urgency",
        "A vulnerability that is open on some host"},
};

}  // namespace

std::span<const ListTable> list_tables() {
    return kTables;
}

}  // namespace thimble::store
