#include "thimble/store/exceptions.hpp"

#include "thimble/store/columns.hpp"
#include "thimble/store/words.hpp"

#include <fmt/format.h>

namespace thimble::store {
namespace {

constexpr const char* kExceptions =
    "SELECT id, state, reason, host_group, host_tag, hosts, packages, vulnerabilities, owner, why, "
    "requester, approver, controls, requested_at, approved_at, expires_at, renewals, renewal_by, "
    "renewal_until, ended_at, reminded_days FROM patch_exception";

/// Patches that are missing, and findings that no patch closes.
constexpr std::string_view kOpen =
    "(SELECT host_id, source, to_version, vulnerability_ids, kev, exploited FROM fleet_patch UNION "
    "ALL SELECT host_id, source, to_version, vulnerability_ids, kev, exploited FROM "
    "fleet_unpatched n WHERE NOT EXISTS (SELECT 1 FROM fleet_patch q WHERE q.host_id = n.host_id "
    "AND q.source = n.source AND q.to_version = n.to_version))";

ExceptionRow exception_at(const Row& row) {
    std::size_t at = 0;
    const auto text = [&] {
        return text_at(row, at++);
    };
    const auto number = [&] {
        return number_at(row, at++);
    };
    const auto instant = [&] {
        return instant_at(row, at++);
    };
    const auto words = [&] {
        return split(text_at(row, at++));
    };
    // Braces keep the order of the columns.
    return {
        .id = text(),
        .state = text(),
        .reason = text(),
        .host_group = text(),
        .host_tag = text(),
        .hosts = words(),
        .packages = words(),
        .vulnerabilities = words(),
        .owner = text(),
        .why = text(),
        .requester = text(),
        .approver = text(),
        .controls = words(),
        .requested_at = instant(),
        .approved_at = instant(),
        .expires_at = instant(),
        .renewals = number(),
        .renewal_by = text(),
        .renewal_until = instant(),
        .ended_at = instant(),
        .reminded_days = number()};
}

Result<void> add_excepted(Connection& connection, std::span<const ExceptedPatch> patches) {
    for (const ExceptedPatch& patch : patches) {
        THIMBLE_TRY(connection.execute(
            "INSERT INTO excepted_patch (host_id, source, to_version, exception_id, until, "
            "keeps_away) VALUES (:host, :source, :to, :exception, :until, :away) ON CONFLICT "
            "(host_id, source, to_version, exception_id) DO NOTHING",
            {patch.host_id,
             patch.source,
             patch.to_version,
             patch.exception_id,
             seconds_of(patch.until),
             std::int64_t{patch.keeps_away ? 1 : 0}}));
    }
    return {};
}

}  // namespace

Result<void> put_exception(Connection& connection, const ExceptionRow& row) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO patch_exception (id, state, reason, host_group, host_tag, hosts, packages, "
        "vulnerabilities, owner, why, requester, approver, controls, requested_at, approved_at, "
        "expires_at, renewals, renewal_by, renewal_until, ended_at, reminded_days) VALUES (:id, "
        ":state, :reason, :group, :tag, :hosts, :packages, :vulnerabilities, :owner, :why, "
        ":requester, :approver, :controls, :requested, :approved, :expires, :renewals, "
        ":renewal_by, :renewal_until, :ended, :reminded) ON CONFLICT (id) DO UPDATE SET state = "
        "excluded.state, approver = excluded.approver, approved_at = excluded.approved_at, "
        "expires_at = excluded.expires_at, renewals = excluded.renewals, renewal_by = "
        "excluded.renewal_by, renewal_until = excluded.renewal_until, ended_at = "
        "excluded.ended_at, reminded_days = excluded.reminded_days",
        {row.id,
         row.state,
         row.reason,
         row.host_group,
         row.host_tag,
         joined(row.hosts),
         joined(row.packages),
         joined(row.vulnerabilities),
         row.owner,
         row.why,
         row.requester,
         row.approver,
         joined(row.controls),
         seconds_of(row.requested_at),
         seconds_of(row.approved_at),
         seconds_of(row.expires_at),
         row.renewals,
         row.renewal_by,
         seconds_of(row.renewal_until),
         seconds_of(row.ended_at),
         row.reminded_days}));
    return {};
}

Result<std::optional<ExceptionRow>> exception_of(Connection& connection, const std::string& id) {
    THIMBLE_TRY(
        const auto rows, connection.query(std::string(kExceptions) + " WHERE id = :id", {id}));
    return rows.empty() ? std::optional<ExceptionRow>() : std::optional(exception_at(rows.front()));
}

Result<std::vector<ExceptionRow>> exceptions_in(
    Connection& connection, const std::vector<std::string>& states) {
    Row values;
    const std::string wanted = placeholders(states, values);
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string(kExceptions) + " WHERE state IN (" + wanted + ") ORDER BY id", values));
    std::vector<ExceptionRow> exceptions;
    exceptions.reserve(rows.size());
    for (const Row& row : rows) {
        exceptions.push_back(exception_at(row));
    }
    return exceptions;
}

Result<void> add_evidence(
    Connection& connection,
    const std::string& exception_id,
    std::span<const ExceptionEvidence> evidence,
    Instant now) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT number FROM exception_evidence WHERE exception_id = :id ORDER BY number DESC "
            "LIMIT 1",
            {exception_id}));
    std::int64_t number = rows.empty() ? 0 : number_at(rows.front(), 0);
    for (const ExceptionEvidence& one : evidence) {
        THIMBLE_TRY(connection.execute(
            "INSERT INTO exception_evidence (exception_id, number, kind, host_id, document, "
            "summary, added_at) VALUES (:id, :number, :kind, :host, :document, :summary, :now)",
            {exception_id,
             ++number,
             one.kind,
             one.host_id,
             one.document,
             one.summary,
             seconds_of(now)}));
    }
    return {};
}

Result<std::vector<FailedRehearsal>> failed_rehearsals(Connection& connection, std::size_t most) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(fmt::format(
            "SELECT j.host_id, h.host_group, h.tags, j.document, j.why, p.patches, j.finished_at "
            "FROM job j JOIN host h ON h.id = j.host_id JOIN host_plan p ON p.digest = "
            "j.plan_digest WHERE j.kind = 'rehearse' AND j.state = 'failed' AND h.revoked_at = 0 "
            "ORDER BY j.finished_at DESC, j.id LIMIT {}",
            most)));
    std::vector<FailedRehearsal> rehearsals;
    rehearsals.reserve(rows.size());
    for (const Row& row : rows) {
        rehearsals.push_back(
            {text_at(row, 0),
             text_at(row, 1),
             text_at(row, 2),
             text_at(row, 3),
             text_at(row, 4),
             split(text_at(row, 5)),
             instant_at(row, 6)});
    }
    return rehearsals;
}

Result<std::vector<MissedPatch>> missed_patches(Connection& connection, const MissedWhere& where) {
    std::string statement = fmt::format(
        "SELECT p.host_id, h.host_group, h.tags, p.source, p.to_version, p.vulnerability_ids, "
        "p.kev, p.exploited FROM {} p JOIN host h ON h.id = p.host_id WHERE h.revoked_at = 0",
        kOpen);
    Row values;
    if (!where.sources.empty()) {
        statement += " AND p.source IN (" + placeholders(where.sources, values) + ")";
    }
    if (!where.host_group.empty() && where.host_group != "*") {
        statement += " AND h.host_group = :group";
        values.emplace_back(where.host_group);
    }
    if (!where.host_id.empty()) {
        statement += " AND p.host_id = :host";
        values.emplace_back(where.host_id);
    }
    THIMBLE_TRY(
        const auto rows,
        connection.query(statement + " ORDER BY p.host_id, p.source, p.to_version", values));
    std::vector<MissedPatch> patches;
    patches.reserve(rows.size());
    for (const Row& row : rows) {
        patches.push_back(
            {text_at(row, 0),
             text_at(row, 1),
             text_at(row, 2),
             text_at(row, 3),
             text_at(row, 4),
             split(text_at(row, 5)),
             number_at(row, 6) != 0,
             number_at(row, 7) != 0});
    }
    return patches;
}

Result<void> set_excepted_patches(
    Connection& connection,
    const std::string& exception_id,
    std::span<const ExceptedPatch> patches) {
    THIMBLE_TRY(connection.execute(
        "DELETE FROM excepted_patch WHERE exception_id = :exception", {exception_id}));
    return add_excepted(connection, patches);
}

Result<void> set_excepted_patches_of_host(
    Connection& connection, const std::string& host_id, std::span<const ExceptedPatch> patches) {
    THIMBLE_TRY(connection.execute("DELETE FROM excepted_patch WHERE host_id = :host", {host_id}));
    return add_excepted(connection, patches);
}

Result<bool> is_exploited_exception(Connection& connection, const std::string& exception_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            fmt::format(
                "SELECT p.kev FROM excepted_patch e JOIN {} p ON p.host_id = e.host_id AND "
                "p.source = e.source AND p.to_version = e.to_version WHERE e.exception_id = :id "
                "AND (p.kev = 1 OR p.exploited = 1) LIMIT 1",
                kOpen),
            {exception_id}));
    return !rows.empty();
}

Result<std::vector<std::string>> sources_kept_away(
    Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT DISTINCT source FROM excepted_patch WHERE host_id = :host AND keeps_away = 1 "
            "ORDER BY source",
            {host_id}));
    std::vector<std::string> sources;
    sources.reserve(rows.size());
    for (const Row& row : rows) {
        sources.push_back(text_at(row, 0));
    }
    return sources;
}

}  // namespace thimble::store
