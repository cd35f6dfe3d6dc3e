#include "thimble/store/rollouts.hpp"

#include "thimble/store/columns.hpp"
#include "thimble/store/words.hpp"

namespace thimble::store {

namespace {

constexpr const char* kPolicies =
    "SELECT name, document, digest, changed_by, changed_at FROM rollout_policy";

/// The condition of what has to be urgent; its words are added to the values of the statement.
std::string is_named(const NamedUrgent& named, Row& values) {
    std::string condition;
    if (!named.sources.empty()) {
        condition += "u.source IN (" + placeholders(named.sources, values) + ")";
    }
    if (!named.vulnerabilities.empty()) {
        condition += condition.empty() ? "" : " OR ";
        condition += "u.vulnerability IN (" + placeholders(named.vulnerabilities, values) + ")";
    }
    return " AND (" + condition + ")";
}

PolicyRecord policy_at(const Row& row) {
    return {text_at(row, 0), text_at(row, 1), text_at(row, 2), text_at(row, 3), instant_at(row, 4)};
}

}  // namespace

Result<void> set_policy(Connection& connection, const PolicyRecord& policy) {
    THIMBLE_TRY(remove_policy(connection, policy.name));
    THIMBLE_TRY(connection.execute(
        "INSERT INTO rollout_policy (name, document, digest, changed_by, changed_at) VALUES "
        "(:name, :document, :digest, :person, :now)",
        {policy.name,
         policy.document,
         policy.digest,
         policy.changed_by,
         seconds_of(policy.changed_at)}));
    return {};
}

Result<std::optional<PolicyRecord>> policy_of(Connection& connection, const std::string& name) {
    THIMBLE_TRY(
        const auto rows, connection.query(std::string(kPolicies) + " WHERE name = :name", {name}));
    return rows.empty() ? std::optional<PolicyRecord>() : std::optional(policy_at(rows.front()));
}

Result<std::vector<PolicyRecord>> all_policies(Connection& connection) {
    THIMBLE_TRY(const auto rows, connection.query(std::string(kPolicies) + " ORDER BY name"));
    std::vector<PolicyRecord> policies;
    policies.reserve(rows.size());
    for (const Row& row : rows) {
        policies.push_back(policy_at(row));
    }
    return policies;
}

Result<bool> remove_policy(Connection& connection, const std::string& name) {
    THIMBLE_TRY(
        const std::int64_t removed,
        connection.execute("DELETE FROM rollout_policy WHERE name = :name", {name}));
    return removed > 0;
}

Result<std::vector<RolloutCandidate>> rollout_candidates(Connection& connection) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT h.id, h.name, h.host_group, h.operating_system, h.tags, "
            "h.architecture FROM host h WHERE "
            "h.revoked_at = 0 AND NOT EXISTS (SELECT 1 FROM host n WHERE n.id = h.superseded_by "
            "AND n.revoked_at = 0) ORDER BY h.id"));
    std::vector<RolloutCandidate> hosts;
    hosts.reserve(rows.size());
    for (const Row& row : rows) {
        hosts.push_back(
            {text_at(row, 0),
             text_at(row, 1),
             text_at(row, 2),
             text_at(row, 3),
             text_at(row, 4),
             text_at(row, 5)});
    }
    return hosts;
}

Result<void> add_rollout(Connection& connection, const RolloutRecord& rollout) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO rollout (deployment_id, policy, document, is_emergency, phase, since, why, "
        "frozen, frozen_digest, hosts, opened_for, asks_first) VALUES (:id, :policy, :document, "
        ":emergency, :phase, :since, :why, :frozen, :digest, :hosts, :trigger, :asks)",
        {rollout.deployment_id,
         rollout.policy,
         rollout.document,
         std::int64_t{rollout.is_emergency ? 1 : 0},
         rollout.phase,
         seconds_of(rollout.since),
         rollout.why,
         rollout.frozen,
         rollout.frozen_digest,
         rollout.hosts,
         rollout.opened_for,
         std::int64_t{rollout.asks_first ? 1 : 0}}));
    return {};
}

Result<void> set_rollout(Connection& connection, const RolloutRecord& rollout) {
    THIMBLE_TRY(connection.execute(
        "UPDATE rollout SET phase = :phase, since = :since, why = :why, frozen = :frozen, "
        "frozen_digest = :digest, asks_first = :asks WHERE deployment_id = :id",
        {rollout.phase,
         seconds_of(rollout.since),
         rollout.why,
         rollout.frozen,
         rollout.frozen_digest,
         std::int64_t{rollout.asks_first ? 1 : 0},
         rollout.deployment_id}));
    return {};
}

Result<std::optional<RolloutRecord>> rollout_of(
    Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT deployment_id, policy, document, is_emergency, phase, since, why, frozen, "
            "frozen_digest, hosts, opened_for, asks_first FROM rollout WHERE deployment_id = :id",
            {deployment_id}));
    if (rows.empty()) {
        return std::optional<RolloutRecord>();
    }
    const Row& row = rows.front();
    return std::optional(RolloutRecord{
        text_at(row, 0),
        text_at(row, 1),
        text_at(row, 2),
        number_at(row, 3) != 0,
        text_at(row, 4),
        instant_at(row, 5),
        text_at(row, 6),
        text_at(row, 7),
        text_at(row, 8),
        number_at(row, 9),
        text_at(row, 10),
        number_at(row, 11) != 0});
}

Result<std::vector<std::string>> rollouts_in(
    Connection& connection, const std::vector<std::string>& phases) {
    Row values;
    std::string names;
    for (const std::string& phase : phases) {
        values.emplace_back(phase);
        names += (names.empty() ? ":p" : ", :p") + std::to_string(values.size());
    }
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT r.deployment_id FROM rollout r JOIN deployment d ON d.id = r.deployment_id "
            "WHERE r.phase IN ("
                + names + ") ORDER BY d.created_at, d.id",
            values));
    std::vector<std::string> ids;
    ids.reserve(rows.size());
    for (const Row& row : rows) {
        ids.push_back(text_at(row, 0));
    }
    return ids;
}

Result<std::vector<UrgentPatch>> urgent_patches(
    Connection& connection,
    const EmergencyMemory& memory,
    const std::optional<NamedUrgent>& named,
    std::size_t most) {
    if (named && named->sources.empty() && named->vulnerabilities.empty()) {
        return std::vector<UrgentPatch>();
    }
    const std::string limit = most == 0 ? "" : " LIMIT " + std::to_string(most);
    Row values{memory.policy, seconds_of(memory.since)};
    const std::string names = named ? is_named(*named, values) : "";
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT DISTINCT u.host_id, u.source, u.to_version FROM fleet_urgent u JOIN host h ON "
            "h.id = u.host_id WHERE h.revoked_at = 0 AND NOT EXISTS (SELECT 1 FROM excepted_patch "
            "e WHERE e.host_id = u.host_id AND e.source = u.source AND e.keeps_away = 1) AND NOT "
            "EXISTS (SELECT 1 FROM taken_back_patch b JOIN taken_back k ON k.id = b.taken_back_id "
            "WHERE b.source = u.source AND b.to_version = u.to_version AND k.host_group = "
            "h.host_group AND k.reviewed_at = 0) AND NOT "
            "EXISTS (SELECT 1 FROM rollout r WHERE r.opened_for = u.source || ' ' || u.to_version "
            "AND r.is_emergency = 1 AND r.policy = :policy AND EXISTS (SELECT 1 FROM "
            "deployment_host d WHERE d.deployment_id = r.deployment_id AND d.host_id = u.host_id) "
            "AND (r.phase NOT IN ('done', 'cancelled') OR (r.since >= :since AND r.since >= "
            "u.first_seen_at AND EXISTS (SELECT 1 FROM rollout_trigger t WHERE t.deployment_id = "
            "r.deployment_id AND t.vulnerability IN (u.vulnerability, '*')))))"
                + names + " ORDER BY u.source, u.to_version, u.host_id" + limit,
            values));
    std::vector<UrgentPatch> patches;
    patches.reserve(rows.size());
    for (const Row& row : rows) {
        patches.push_back({text_at(row, 0), text_at(row, 1), text_at(row, 2)});
    }
    return patches;
}

Result<std::vector<std::string>> urgent_hosts(
    Connection& connection, const std::string& source, const std::string& to_version) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT DISTINCT host_id FROM fleet_urgent WHERE source = :source AND to_version = "
            ":version ORDER BY host_id",
            {source, to_version}));
    std::vector<std::string> hosts;
    hosts.reserve(rows.size());
    for (const Row& row : rows) {
        hosts.push_back(text_at(row, 0));
    }
    return hosts;
}

Result<bool> was_opened_for(
    Connection& connection, const EmergencyMemory& memory, const std::string& opened_for) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT deployment_id FROM rollout WHERE opened_for = :patch AND policy = :policy AND "
            "is_emergency = 1 AND (phase NOT IN ('done', 'cancelled') OR since >= :since) LIMIT 1",
            {opened_for, memory.policy, seconds_of(memory.since)}));
    return !rows.empty();
}

Result<std::vector<std::string>> hosts_in_emergencies(
    Connection& connection, const std::string& policy, const std::string& opened_for) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT DISTINCT d.host_id FROM rollout r JOIN deployment_host d ON d.deployment_id = "
            "r.deployment_id WHERE r.opened_for = :patch AND r.policy = :policy AND r.is_emergency "
            "= 1 AND r.phase NOT IN ('done', 'cancelled') ORDER BY d.host_id",
            {opened_for, policy}));
    std::vector<std::string> hosts;
    hosts.reserve(rows.size());
    for (const Row& row : rows) {
        hosts.push_back(text_at(row, 0));
    }
    return hosts;
}

Result<void> note_triggers(Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO rollout_trigger (deployment_id, vulnerability) SELECT DISTINCT "
        "r.deployment_id, u.vulnerability FROM rollout r JOIN deployment_host d ON "
        "d.deployment_id = r.deployment_id JOIN fleet_urgent u ON u.host_id = d.host_id AND "
        "u.source || ' ' || u.to_version = r.opened_for WHERE r.deployment_id = :id ON CONFLICT "
        "(deployment_id, vulnerability) DO NOTHING",
        {deployment_id}));
    return {};
}

Result<void> set_rollout_ring(Connection& connection, const RolloutRingRecord& ring) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO rollout_ring (deployment_id, ring, name, phase, since, forgiven) VALUES "
        "(:id, :ring, :name, :phase, :since, :forgiven) ON CONFLICT (deployment_id, ring) DO "
        "UPDATE SET phase = excluded.phase, since = excluded.since, forgiven = excluded.forgiven",
        {ring.deployment_id,
         ring.ring,
         ring.name,
         ring.phase,
         seconds_of(ring.since),
         ring.forgiven}));
    return {};
}

Result<std::vector<RolloutRingRecord>> rollout_rings(
    Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT deployment_id, ring, name, phase, since, forgiven FROM rollout_ring WHERE "
            "deployment_id = :id ORDER BY ring",
            {deployment_id}));
    std::vector<RolloutRingRecord> rings;
    rings.reserve(rows.size());
    for (const Row& row : rows) {
        rings.push_back(
            {text_at(row, 0),
             number_at(row, 1),
             text_at(row, 2),
             text_at(row, 3),
             instant_at(row, 4),
             number_at(row, 5)});
    }
    return rings;
}

Result<void> add_approval(
    Connection& connection, const std::string& deployment_id, const RolloutApproval& approval) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO rollout_approval (deployment_id, person, frozen, approved_at) VALUES (:id, "
        ":person, :frozen, :now)",
        {deployment_id, approval.person, approval.frozen, seconds_of(approval.approved_at)}));
    return {};
}

Result<std::vector<RolloutApproval>> approvals_of(
    Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT person, frozen, approved_at FROM rollout_approval WHERE deployment_id = :id "
            "ORDER BY approved_at, person",
            {deployment_id}));
    std::vector<RolloutApproval> approvals;
    approvals.reserve(rows.size());
    for (const Row& row : rows) {
        approvals.push_back({text_at(row, 0), text_at(row, 1), instant_at(row, 2)});
    }
    return approvals;
}

Result<void> add_deferral(
    Connection& connection, const std::string& deployment_id, const RolloutDeferral& deferral) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO rollout_deferral (deployment_id, host_id, number, deferred_until, person, "
        "why, deferred_at) VALUES (:id, :host, :number, :until, :person, :why, :now)",
        {deployment_id,
         deferral.host_id,
         deferral.number,
         seconds_of(deferral.until),
         deferral.person,
         deferral.why,
         seconds_of(deferral.deferred_at)}));
    return {};
}

Result<std::vector<RolloutDeferral>> deferrals_of(
    Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT host_id, number, deferred_until, person, why, deferred_at FROM "
            "rollout_deferral WHERE deployment_id = :id ORDER BY host_id, number",
            {deployment_id}));
    std::vector<RolloutDeferral> deferrals;
    deferrals.reserve(rows.size());
    for (const Row& row : rows) {
        deferrals.push_back(
            {text_at(row, 0),
             number_at(row, 1),
             instant_at(row, 2),
             text_at(row, 3),
             text_at(row, 4),
             instant_at(row, 5)});
    }
    return deferrals;
}

Result<void> open_review(Connection& connection, const std::string& deployment_id, Instant due_at) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO rollout_review (deployment_id, due_at, closed_at, closed_by, notes) VALUES "
        "(:id, :due, 0, '', '')",
        {deployment_id, seconds_of(due_at)}));
    return {};
}

Result<bool> close_review(
    Connection& connection, const std::string& deployment_id, const ReviewEnd& end) {
    THIMBLE_TRY(
        const std::int64_t closed,
        connection.execute(
            "UPDATE rollout_review SET closed_at = :now, closed_by = :person, notes = :notes WHERE "
            "deployment_id = :id AND closed_at = 0",
            {seconds_of(end.at), end.person, end.notes, deployment_id}));
    return closed > 0;
}

Result<void> set_signature(
    Connection& connection, const std::string& deployment_id, const RolloutSignature& signature) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO rollout_signature (deployment_id, person, frozen, statement, signature, "
        "signed_at) VALUES (:id, :person, :frozen, :statement, :signature, :now) ON CONFLICT "
        "(deployment_id, person) DO UPDATE SET frozen = excluded.frozen, statement = "
        "excluded.statement, signature = excluded.signature, signed_at = excluded.signed_at",
        {deployment_id,
         signature.person,
         signature.frozen,
         signature.statement,
         signature.signature,
         seconds_of(signature.signed_at)}));
    return {};
}

Result<std::vector<RolloutSignature>> signatures_of(
    Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT person, frozen, statement, signature, signed_at FROM rollout_signature WHERE "
            "deployment_id = :id ORDER BY person",
            {deployment_id}));
    std::vector<RolloutSignature> signatures;
    signatures.reserve(rows.size());
    for (const Row& row : rows) {
        signatures.push_back(
            {text_at(row, 0),
             text_at(row, 1),
             text_at(row, 2),
             text_at(row, 3),
             instant_at(row, 4)});
    }
    return signatures;
}

}  // namespace thimble::store
