#include "thimble/store/controls.hpp"

#include "thimble/store/columns.hpp"
#include "thimble/store/words.hpp"

#include <algorithm>

namespace thimble::store {
namespace {

constexpr const char* kControls =
    "SELECT id, name, kind, document, digest, owner, requester, requested_at, why, covers, "
    "sources, "
    "scope, host_group, vector, residual_risk, verify_seconds, expires_at, retirement, approver, "
    "approved_at, state, since, at_once, stopped_why, renewals, renewal_by, renewal_until FROM "
    "control";

constexpr const char* kHosts =
    "SELECT s.control_id, s.host_id, s.state, s.since, s.job_id, s.digest, s.mode, s.tries, "
    "s.tried_at, s.installed_at, s.last_verified, s.evidence, s.bypass, s.why, "
    "s.removal_proposed_at, s.due_at, s.turn_at, s.job_kind, s.left_scope, s.attested_until, "
    "s.outside, s.outside_why FROM control_host s";

ControlRecord control_at(const Row& row) {
    return {
        text_at(row, 0),     text_at(row, 1),        text_at(row, 2),         text_at(row, 3),
        text_at(row, 4),     text_at(row, 5),        text_at(row, 6),         instant_at(row, 7),
        text_at(row, 8),     split(text_at(row, 9)), split(text_at(row, 10)), text_at(row, 11),
        text_at(row, 12),    text_at(row, 13),       text_at(row, 14),        number_at(row, 15),
        instant_at(row, 16), text_at(row, 17),       text_at(row, 18),        instant_at(row, 19),
        text_at(row, 20),    instant_at(row, 21),    number_at(row, 22),      text_at(row, 23),
        number_at(row, 24),  text_at(row, 25),       instant_at(row, 26)};
}

ControlHost host_at(const Row& row) {
    return {text_at(row, 0),     text_at(row, 1),    text_at(row, 2),         instant_at(row, 3),
            text_at(row, 4),     text_at(row, 5),    text_at(row, 6),         number_at(row, 7),
            instant_at(row, 8),  instant_at(row, 9), instant_at(row, 10),     text_at(row, 11),
            text_at(row, 12),    text_at(row, 13),   instant_at(row, 14),     instant_at(row, 15),
            instant_at(row, 16), text_at(row, 17),   number_at(row, 18) != 0, instant_at(row, 19),
            text_at(row, 20),    text_at(row, 21)};
}

template <class Item>
std::vector<Item> items_of(const std::vector<Row>& rows, Item (*read)(const Row&)) {
    std::vector<Item> items;
    items.reserve(rows.size());
    std::ranges::transform(rows, std::back_inserter(items), read);
    return items;
}

}  // namespace

Result<void> add_control(Connection& connection, const ControlRecord& control) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO control (id, name, kind, document, digest, owner, requester, requested_at, "
        "why, covers, sources, scope, host_group, vector, residual_risk, verify_seconds, "
        "expires_at, retirement, approver, approved_at, state, since, at_once) VALUES (:id, :name, "
        ":kind, "
        ":document, :digest, :owner, :requester, :requested, :why, :covers, :sources, :scope, "
        ":hosts, :vector, :risk, :interval, :expires, :retirement, :approver, :approved, :state, "
        ":since, :at_once)",
        {control.id,
         control.name,
         control.kind,
         control.document,
         control.digest,
         control.owner,
         control.requester,
         seconds_of(control.requested_at),
         control.why,
         joined(control.covers),
         joined(control.sources),
         control.scope,
         control.host_group,
         control.vector,
         control.residual_risk,
         control.verify_seconds,
         seconds_of(control.expires_at),
         control.retirement,
         control.approver,
         seconds_of(control.approved_at),
         control.state,
         seconds_of(control.since),
         control.at_once}));
    return {};
}

Result<void> set_control(Connection& connection, const ControlRecord& control) {
    THIMBLE_TRY(connection.execute(
        "UPDATE control SET document = :document, digest = :digest, verify_seconds = :interval, "
        "approver = :approver, approved_at = :approved, state = :state, since = :since, expires_at "
        "= :expires, stopped_why = :stopped, renewals = :renewals, renewal_by = :by, renewal_until "
        "= :until WHERE id = :id",
        {control.document,
         control.digest,
         control.verify_seconds,
         control.approver,
         seconds_of(control.approved_at),
         control.state,
         seconds_of(control.since),
         seconds_of(control.expires_at),
         control.stopped_why,
         control.renewals,
         control.renewal_by,
         seconds_of(control.renewal_until),
         control.id}));
    return {};
}

Result<std::optional<ControlRecord>> control_of(Connection& connection, const std::string& id) {
    THIMBLE_TRY(
        const auto rows, connection.query(std::string(kControls) + " WHERE id = :id", {id}));
    return rows.empty() ? std::optional<ControlRecord>() : std::optional(control_at(rows.front()));
}

Result<std::vector<ControlRecord>> live_controls(Connection& connection) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(std::string(kControls) + " WHERE state <> 'retired' ORDER BY id"));
    return items_of(rows, control_at);
}

Result<void> set_control_host(Connection& connection, const ControlHost& host) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO control_host (control_id, host_id, state, since, job_id, digest, mode, tries, "
        "tried_at, installed_at, last_verified, evidence, bypass, why, "
        "removal_proposed_at, due_at, turn_at, job_kind, left_scope, attested_until, outside, "
        "outside_why) VALUES (:control, :host, :state, :since, "
        ":job, :digest, :mode, :tries, :tried, :installed, :verified, :evidence, :bypass, :why, "
        ":proposed, :due, :turn, :kind, :left, :attested, :outside, :outside_why) ON "
        "CONFLICT (control_id, host_id) DO UPDATE SET state = excluded.state, since = "
        "excluded.since, job_id = excluded.job_id, digest = excluded.digest, mode = excluded.mode, "
        "tries = excluded.tries, tried_at = excluded.tried_at, installed_at = "
        "excluded.installed_at, last_verified = excluded.last_verified, evidence = "
        "excluded.evidence, bypass = excluded.bypass, why = excluded.why, "
        "removal_proposed_at = excluded.removal_proposed_at, due_at = excluded.due_at, turn_at = "
        "excluded.turn_at, job_kind = excluded.job_kind, left_scope = excluded.left_scope, "
        "attested_until = excluded.attested_until, outside = excluded.outside, outside_why = "
        "excluded.outside_why",
        {host.control_id,
         host.host_id,
         host.state,
         seconds_of(host.since),
         host.job_id,
         host.digest,
         host.mode,
         host.tries,
         seconds_of(host.tried_at),
         seconds_of(host.installed_at),
         seconds_of(host.last_verified),
         host.evidence,
         host.bypass,
         host.why,
         seconds_of(host.removal_proposed_at),
         seconds_of(host.due_at),
         seconds_of(host.turn_at),
         host.job_kind,
         std::int64_t{host.left_scope ? 1 : 0},
         seconds_of(host.attested_until),
         host.outside,
         host.outside_why}));
    return {};
}

Result<std::vector<ControlHost>> hosts_of_control(
    Connection& connection, const std::string& control_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string(kHosts) + " WHERE s.control_id = :control ORDER BY s.host_id",
            {control_id}));
    return items_of(rows, host_at);
}

Result<std::optional<ControlHost>> control_host_of(
    Connection& connection, const std::string& control_id, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string(kHosts) + " WHERE s.control_id = :control AND s.host_id = :host",
            {control_id, host_id}));
    return rows.empty() ? std::optional<ControlHost>() : std::optional(host_at(rows.front()));
}

Result<std::vector<ControlHost>> due_control_hosts(
    Connection& connection, Instant now, std::int64_t most) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string(kHosts)
                + " WHERE s.due_at <= :now ORDER BY s.due_at, s.control_id, s.host_id LIMIT :most",
            {seconds_of(now), most}));
    return items_of(rows, host_at);
}

Result<std::vector<ControlHost>> hosts_awaiting_turn(
    Connection& connection, const ControlTurn& turn, std::int64_t most) {
    const std::string is_removal = turn.is_removal ? "=" : "<>";
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string(kHosts)
                + " JOIN host h ON h.id = s.host_id WHERE s.control_id = :control AND s.turn_at <= "
                  ":now AND s.job_id = '' AND s.state "
                + is_removal
                + " 'retiring' AND h.silent_at > :heard AND h.revoked_at = 0 ORDER BY s.turn_at, "
                  "s.host_id LIMIT :most",
            {turn.control_id, seconds_of(turn.now), seconds_of(turn.now), most}));
    return items_of(rows, host_at);
}

Result<std::vector<ControlHost>> busy_control_hosts(
    Connection& connection, const std::string& control_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string(kHosts)
                + " WHERE s.control_id = :control AND s.job_id <> '' ORDER BY s.host_id",
            {control_id}));
    return items_of(rows, host_at);
}

Result<std::vector<ControlHost>> controls_of_host(
    Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string(kHosts)
                + " WHERE s.host_id = :host AND s.state <> 'retired' ORDER BY s.control_id",
            {host_id}));
    return items_of(rows, host_at);
}

Result<std::optional<ControlHost>> control_host_of_job(
    Connection& connection, const std::string& job_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(std::string(kHosts) + " WHERE s.job_id = :job", {job_id}));
    return rows.empty() ? std::optional<ControlHost>() : std::optional(host_at(rows.front()));
}

Result<void> doubt_judgement(Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        connection.execute("UPDATE fleet_host SET judged_at = 0 WHERE host_id = :host", {host_id}));
    return {};
}

Result<void> add_control_check(Connection& connection, const ControlCheck& check) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO control_check (control_id, host_id, number, at, action, said, state, actor, "
        "document, why) VALUES (:control, :host, (SELECT COALESCE(MAX(number), 0) + 1 FROM "
        "control_check WHERE control_id = :same AND host_id = :there), :at, :action, :said, "
        ":state, "
        ":actor, :document, :why)",
        {check.control_id,
         check.host_id,
         check.control_id,
         check.host_id,
         seconds_of(check.at),
         check.action,
         check.said,
         check.state,
         check.actor,
         check.document,
         check.why}));
    return {};
}

Result<std::vector<ControlCheck>> checks_of_control(
    Connection& connection, const std::string& control_id, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT control_id, host_id, at, action, said, state, actor, document, why FROM "
            "control_check WHERE control_id = :control AND host_id = :host ORDER BY number",
            {control_id, host_id}));
    std::vector<ControlCheck> checks;
    checks.reserve(rows.size());
    for (const Row& row : rows) {
        checks.push_back(
            {text_at(row, 0),
             text_at(row, 1),
             instant_at(row, 2),
             text_at(row, 3),
             text_at(row, 4),
             text_at(row, 5),
             text_at(row, 6),
             text_at(row, 7),
             text_at(row, 8)});
    }
    return checks;
}

}  // namespace thimble::store
