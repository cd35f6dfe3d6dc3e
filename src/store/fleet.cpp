#include "thimble/store/fleet.hpp"

#include "thimble/store/columns.hpp"
#include "thimble/store/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace thimble::store {
namespace {

// Rows of a table go in with one prepared statement: to prepare it costs more than the row.

Result<void> add_patches(Connection& connection, const FleetJudgement& judgement) {
    std::vector<Row> rows;
    rows.reserve(judgement.patches.size());
    for (const FleetPatch& patch : judgement.patches) {
        const auto urgency = static_cast<std::int64_t>(rows.size() + 1);
        rows.push_back(
            {judgement.host.host_id,
             urgency,
             patch.source,
             patch.from_version,
             patch.to_version,
             patch.state,
             patch.blocker,
             patch.blocker_detail,
             std::int64_t{patch.kev},
             std::int64_t{patch.exploited},
             std::int64_t{patch.public_exploit},
             patch.outcome,
             seconds_of(patch.due_at),
             patch.due_rule,
             patch.restart,
             static_cast<std::int64_t>(patch.vulnerabilities.size()),
             joined(patch.vulnerabilities),
             patch.mitigated_by,
             seconds_of(patch.mitigated_until),
             patch.bare_outcome,
             seconds_of(patch.bare_due_at),
             patch.package_type});
    }
    return connection.execute_each(
        "INSERT INTO fleet_patch (host_id, urgency, source, from_version, to_version, state, "
        "blocker, blocker_detail, kev, exploited, public_exploit, outcome, due_at, due_rule, "
        "restart, vulnerabilities, vulnerability_ids, mitigated_by, mitigated_until, bare_outcome, "
        "bare_due_at, package_type) VALUES (:host, :urgency, :source, :from, :to, :state, "
        ":blocker, :detail, "
        ":kev, :exploited, :public, :outcome, :due, :rule, :restart, :vulnerabilities, :ids, "
        ":control, :until, :bare, :bare_due, :type)",
        rows);
}

/// Of patches that can be installed, as far as is known.
Result<void> add_urgent(Connection& connection, const FleetJudgement& judgement) {
    std::vector<Row> rows;
    for (const FleetPatch& patch : judgement.patches) {
        if ((patch.state != "ready" && patch.state != "offer_unknown")
            || patch.to_version.empty()) {
            continue;
        }
        for (const UrgentVulnerability& one : patch.urgent) {
            rows.push_back(
                {judgement.host.host_id,
                 patch.source,
                 patch.to_version,
                 one.id,
                 seconds_of(one.first_seen_at)});
        }
    }
    return connection.execute_each(
        "INSERT INTO fleet_urgent (host_id, source, to_version, vulnerability, first_seen_at) "
        "VALUES (:host, :source, :to, :vulnerability, :seen) ON CONFLICT (host_id, source, "
        "to_version, vulnerability) DO NOTHING",
        rows);
}

Result<void> add_unpatched(Connection& connection, const FleetJudgement& judgement) {
    std::vector<Row> rows;
    rows.reserve(judgement.unpatched.size());
    for (const FleetUnpatched& one : judgement.unpatched) {
        rows.push_back(
            {judgement.host.host_id,
             one.source,
             one.to_version,
             one.reason,
             joined(one.vulnerabilities),
             std::int64_t{one.kev},
             std::int64_t{one.exploited},
             one.outcome,
             seconds_of(one.due_at),
             one.control_id,
             one.control_refusal,
             one.from_version,
             one.package_type});
    }
    return connection.execute_each(
        "INSERT INTO fleet_unpatched (host_id, source, to_version, reason, vulnerability_ids, kev, "
        "exploited, outcome, due_at, control_id, control_refusal, from_version, package_type) "
        "VALUES "
        "(:host, :source, :to, :reason, :ids, :kev, :exploited, :outcome, :due, :control, "
        ":refusal, :from, :type)",
        rows);
}

Result<void> add_first_sights(Connection& connection, const FleetJudgement& judgement) {
    std::vector<Row> rows;
    rows.reserve(judgement.newly_seen.size());
    for (const FirstSight& sight : judgement.newly_seen) {
        rows.push_back(
            {judgement.host.host_id,
             sight.vulnerability,
             sight.source,
             seconds_of(sight.first_seen_at)});
    }
    return connection.execute_each(
        "INSERT INTO fleet_first_seen (host_id, vulnerability, source, first_seen_at) VALUES "
        "(:host, :vulnerability, :source, :seen) ON CONFLICT (host_id, vulnerability, source) DO "
        "NOTHING",
        rows);
}

/// What people watch: the numbers and the reason.
Row said_of(const FleetHost& host) {
    return {
        host.overdue,
        host.exploited,
        host.pending,
        host.blocked,
        host.unknown_packages,
        host.unknown_why};
}

Result<void> put_host(Connection& connection, const FleetHost& host, bool is_readable) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO fleet_host (host_id, inventory_digest, catalog, judged_at, overdue, "
        "exploited, pending, blocked, unknown_packages, silent, unknown_why, gaps, readable, "
        "distribution) "
        "VALUES "
        "(:host, :digest, :catalog, :at, :overdue, :exploited, :pending, :blocked, :unknown, "
        ":silent, :why, :gaps, :readable, :distribution)",
        {host.host_id,
         host.inventory_digest,
         host.catalog,
         seconds_of(host.judged_at),
         host.overdue,
         host.exploited,
         host.pending,
         host.blocked,
         host.unknown_packages,
         std::int64_t{host.silent},
         host.unknown_why,
         host.gaps,
         std::int64_t{is_readable ? 1 : 0},
         host.distribution}));
    return {};
}

constexpr const char* kDue =
    "SELECT h.id, h.inventory_digest, h.last_seen_at, h.silent_at FROM host h LEFT JOIN fleet_host "
    "f ON "
    "f.host_id = h.id WHERE h.revoked_at = 0 AND h.inventory_digest <> '' AND (f.host_id IS NULL "
    "OR "
    "f.inventory_digest <> h.inventory_digest OR f.catalog <> :catalog OR f.judged_at < :judged OR "
    "(f.silent = 0 AND h.silent_at < :silent) OR (f.silent = 1 AND h.silent_at >= :heard))";

Row values_of(const FleetDue& due) {
    return {due.catalog, seconds_of(due.judged_before), seconds_of(due.now), seconds_of(due.now)};
}

std::vector<HostToJudge> hosts_of(const std::vector<Row>& rows) {
    std::vector<HostToJudge> hosts;
    hosts.reserve(rows.size());
    for (const Row& row : rows) {
        hosts.push_back({text_at(row, 0), text_at(row, 1), instant_at(row, 2), instant_at(row, 3)});
    }
    return hosts;
}

std::vector<std::string> ids_of(const std::vector<Row>& rows) {
    std::vector<std::string> ids;
    ids.reserve(rows.size());
    for (const Row& row : rows) {
        ids.push_back(text_at(row, 0));
    }
    return ids;
}

}  // namespace

Result<std::vector<HostToJudge>> hosts_to_judge(
    Connection& connection, const FleetDue& due, const HostToJudge& after, std::size_t limit) {
    Row values = values_of(due);
    values.insert(values.end(), {after.inventory_digest, after.host_id});
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string(kDue)
                // One comparison, which an index serves; with OR each batch would read all hosts.
                + " AND (h.inventory_digest, h.id) > (:digest, :id) ORDER BY h.inventory_digest, "
                  "h.id"
                + fmt::format(" LIMIT {}", limit),
            values));
    return hosts_of(rows);
}

Result<std::vector<HostToJudge>> hosts_due_among(
    Connection& connection, const FleetDue& due, std::span<const std::string> ids) {
    if (ids.empty()) {
        return std::vector<HostToJudge>{};
    }
    Row values = values_of(due);
    const std::string wanted = placeholders(ids, values);
    THIMBLE_TRY(
        const auto rows,
        connection.query(std::string(kDue) + " AND h.id IN (" + wanted + ")", values));
    std::vector<HostToJudge> hosts = hosts_of(rows);
    std::ranges::sort(hosts, {}, [ids](const HostToJudge& host) {
        return std::ranges::find(ids, host.host_id) - ids.begin();
    });
    return hosts;
}

Result<bool> are_behind(
    Connection& connection, std::span<const std::string> hosts, const std::string& other) {
    constexpr std::size_t kMostHosts = 10'000;  // far below what a statement may bind
    if (hosts.empty() || hosts.size() > kMostHosts) {
        return !hosts.empty();
    }
    Row values{other};
    const std::string wanted = placeholders(hosts, values);
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT h.id FROM host h LEFT JOIN fleet_host f ON f.host_id = h.id WHERE "
            "h.inventory_digest <> '' AND (f.host_id IS NULL OR f.catalog <> (SELECT catalog FROM "
            "fleet_host WHERE host_id = :other)) AND h.id IN ("
                + wanted + ") LIMIT 1",
            values));
    return !rows.empty();
}

Result<std::vector<FirstSight>> first_sights_of(
    Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT vulnerability, source, first_seen_at FROM fleet_first_seen WHERE host_id = "
            ":host ORDER BY vulnerability, source",
            {host_id}));
    std::vector<FirstSight> sights;
    sights.reserve(rows.size());
    for (const Row& row : rows) {
        sights.push_back({text_at(row, 0), text_at(row, 1), instant_at(row, 2)});
    }
    return sights;
}

Result<std::vector<DuePatch>> due_patches_of(Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT source, due_at FROM fleet_patch WHERE host_id = :host AND due_at > 0 ORDER BY "
            "source, due_at",
            {host_id}));
    std::vector<DuePatch> patches;
    patches.reserve(rows.size());
    for (const Row& row : rows) {
        patches.push_back({text_at(row, 0), instant_at(row, 1)});
    }
    return patches;
}

Result<bool> write_judgement(Connection& connection, const FleetJudgement& judgement) {
    const std::string& id = judgement.host.host_id;
    THIMBLE_TRY(
        const auto before,
        connection.query(
            "SELECT overdue, exploited, pending, blocked, unknown_packages, unknown_why FROM "
            "fleet_host WHERE host_id = :host",
            {id}));
    THIMBLE_TRY(connection.execute("DELETE FROM fleet_patch WHERE host_id = :host", {id}));
    THIMBLE_TRY(connection.execute("DELETE FROM fleet_urgent WHERE host_id = :host", {id}));
    THIMBLE_TRY(connection.execute("DELETE FROM fleet_host WHERE host_id = :host", {id}));
    THIMBLE_TRY(put_host(connection, judgement.host, judgement.can_be_tracked));
    THIMBLE_TRY(add_patches(connection, judgement));
    THIMBLE_TRY(add_urgent(connection, judgement));
    THIMBLE_TRY(connection.execute("DELETE FROM fleet_unpatched WHERE host_id = :host", {id}));
    THIMBLE_TRY(add_unpatched(connection, judgement));
    THIMBLE_TRY(add_first_sights(connection, judgement));
    return before.empty() || before.front() != said_of(judgement.host);
}

Result<std::vector<std::string>> unknown_hosts(
    Connection& connection, const std::string& host_group) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT h.id FROM host h LEFT JOIN fleet_host f ON f.host_id = h.id WHERE h.revoked_at "
            "= 0 AND (:every = '' OR h.host_group = :group) AND (f.host_id IS NULL OR "
            "f.unknown_why "
            "<> '' OR f.inventory_digest <> h.inventory_digest) ORDER BY h.id",
            {host_group, host_group}));
    return ids_of(rows);
}

Result<std::vector<std::string>> hosts_of_group(
    Connection& connection, const std::string& host_group) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id FROM host WHERE revoked_at = 0 AND host_group = :group ORDER BY id",
            {host_group}));
    return ids_of(rows);
}

Result<std::string> inventory_of_host(Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT inventory_digest FROM host WHERE id = :id AND revoked_at = 0", {host_id}));
    return rows.empty() ? std::string() : text_at(rows.front(), 0);
}

Result<std::vector<HostName>> host_names(Connection& connection, std::span<const std::string> ids) {
    if (ids.empty()) {
        return std::vector<HostName>{};
    }
    Row values;
    const std::string wanted = placeholders(ids, values);
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id, name, host_group FROM host WHERE id IN (" + wanted + ") ORDER BY id",
            values));
    std::vector<HostName> names;
    names.reserve(rows.size());
    for (const Row& row : rows) {
        names.push_back({text_at(row, 0), text_at(row, 1), text_at(row, 2)});
    }
    return names;
}

}  // namespace thimble::store
