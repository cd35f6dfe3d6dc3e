#pragma once
/// @file The columns of the lists of policies, rollouts, their rings and reviews, and what they are read from. Pure.

#include "thimble/store/list_table.hpp"

#include <array>

namespace thimble::store {

using enum ColumnType;

/// Who changed a policy, by the names that people know (AuditChange::actor).
inline constexpr std::string_view kWhoChangedPolicy =
    "COALESCE((SELECT a.name || ' (token ' || t.name || ')' FROM api_token t JOIN account a ON "
    "a.id = "
    "t.account_id WHERE rollout_policy.changed_by LIKE 'token:%' AND t.id = "
    "SUBSTR(rollout_policy.changed_by, 7)), (SELECT h.name || ' "
    "(host)' FROM host h WHERE rollout_policy.changed_by LIKE 'host:%' AND h.id = "
    "SUBSTR(rollout_policy.changed_by, 6)), CASE WHEN "
    "rollout_policy.changed_by LIKE 'user:%' THEN SUBSTR(rollout_policy.changed_by, 6) ELSE "
    "rollout_policy.changed_by END)";

inline constexpr std::array kPolicyColumns{
    ListColumn{"name", "name", Text, "Its name"},
    ListColumn{"digest", "digest", Text, "SHA-256 of its text"},
    ListColumn{"text", "document", Text, "The text, as it was given"},
    ListColumn{"changed_by", "changed_by", Text, "Who changed it last: user:NAME or token:ID"},
    ListColumn{"by", kWhoChangedPolicy, Text, "Who that is: ada, ada (token ci)"},
    ListColumn{"changed_at", "changed_at", Instant, "When"},
};

inline constexpr std::array kRolloutColumns{
    ListColumn{"id", "r.deployment_id", Text, "Id of the deployment"},
    ListColumn{"policy", "r.policy", Text, "The policy that it goes by"},
    ListColumn{"emergency", "r.is_emergency", Boolean, "Whether it is one"},
    ListColumn{"phase", "r.phase", Text, "running, paused, halted, done or cancelled"},
    ListColumn{"since", "r.since", Instant, "Since when"},
    ListColumn{"why", "r.why", Text, "Why it is in that phase"},
    ListColumn{"frozen_digest", "r.frozen_digest", Text, "Of its patch set; empty: not frozen yet"},
    ListColumn{"frozen", "r.frozen", Text, "That set, JSON as text"},
    ListColumn{"hosts", "r.hosts", Number, "How many hosts it has"},
    ListColumn{"created_by", "r.created_by", Text, "Who began it"},
    ListColumn{"created_at", "r.created_at", Instant, "When"},
    ListColumn{"reason", "r.reason", Text, "The reason that was given"},
};

// Those with hosts of the group; of the hosts only these are counted.
inline constexpr std::string_view kRollouts =
    "(SELECT o.deployment_id AS deployment_id, o.policy AS policy, o.is_emergency AS is_emergency, "
    "o.phase AS phase, o.since AS since, o.why AS why, o.frozen_digest AS frozen_digest, o.frozen "
    "AS "
    "frozen, e.created_by AS created_by, e.created_at AS created_at, e.why AS reason, "
    "(SELECT COUNT(*) FROM deployment_host p JOIN host h ON h.id = p.host_id WHERE p.deployment_id "
    "= o.deployment_id$group) AS hosts "
    "FROM rollout o JOIN deployment e ON e.id = o.deployment_id WHERE EXISTS (SELECT 1 FROM "
    "deployment_host p JOIN host h ON h.id = p.host_id WHERE p.deployment_id = "
    "o.deployment_id$group)) r";

/// Figures of emergencies, apart from those of the routine.
inline constexpr std::array kReviewColumns{
    ListColumn{"id", "v.deployment_id", Text, "Id of the rollout"},
    ListColumn{"policy", "r.policy", Text, "The policy that it went by"},
    ListColumn{
        "opened_for", "r.opened_for", Text, "By rule: patches it was opened for; empty: by hand"},
    ListColumn{"reason", "d.why", Text, "The reason that was given"},
    ListColumn{"created_by", "d.created_by", Text, "Who began it"},
    ListColumn{"created_at", "d.created_at", Instant, "When"},
    ListColumn{"phase", "r.phase", Text, "running, paused, halted, done or cancelled"},
    ListColumn{"since", "r.since", Instant, "Since when"},
    ListColumn{"hosts", "r.hosts", Number, "How many hosts it has"},
    ListColumn{
        "succeeded",
        "(SELECT COUNT(*) FROM deployment_host h WHERE h.deployment_id = v.deployment_id AND "
        "h.phase "
        "IN ('verified', 'nothing-to-do'))",
        Number,
        "On how many the patches are live"},
    ListColumn{"due_at", "v.due_at", Instant, "Until when it is to be reviewed"},
    ListColumn{"closed_at", "v.closed_at", Instant, "When it was; null: it is open"},
    ListColumn{"closed_by", "v.closed_by", Text, "By whom"},
    ListColumn{"notes", "v.notes", Text, "What was learnt"},
};

inline constexpr std::array kRolloutRingColumns{
    ListColumn{
        "id", "r.deployment_id || '.' || CAST(r.ring AS TEXT)", Text, "Deployment, a dot, ring"},
    ListColumn{"deployment_id", "r.deployment_id", Text, "The deployment"},
    ListColumn{"ring", "r.ring", Number, "0 is the first"},
    ListColumn{"name", "r.name", Text, "Its name"},
    ListColumn{"phase", "r.phase", Text, "waiting, open, soaking, passed or skipped"},
    ListColumn{"since", "r.since", Instant, "Since when"},
};

inline constexpr std::array kRolloutDeferralColumns{
    ListColumn{
        "id",
        "o.deployment_id || '.' || o.host_id || '.' || CAST(o.number AS TEXT)",
        Text,
        "Deployment, host, number, dots between"},
    ListColumn{"deployment_id", "o.deployment_id", Text, "The deployment"},
    ListColumn{"host_id", "o.host_id", Text, "The host"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"number", "o.number", Number, "Of that host in that rollout, from 1"},
    ListColumn{"until", "o.deferred_until", Instant, "Until when it was put off"},
    ListColumn{"person", "o.person", Text, "By whom"},
    ListColumn{"why", "o.why", Text, "The reason that was given"},
    ListColumn{"deferred_at", "o.deferred_at", Instant, "When"},
};

inline constexpr std::string_view kRolloutRings =
    "(SELECT o.deployment_id AS deployment_id, o.ring AS ring, o.name AS name, o.phase AS phase, "
    "o.since AS since FROM rollout_ring o WHERE EXISTS (SELECT 1 FROM deployment_host p JOIN host "
    "h "
    "ON h.id = p.host_id WHERE p.deployment_id = o.deployment_id$group)) r";

}  // namespace thimble::store
