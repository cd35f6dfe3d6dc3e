#include "thimble/store/columns.hpp"
#include "thimble/store/controls.hpp"
#include "thimble/store/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace thimble::store {
namespace {

/// In these a control is put up, or is to be.
constexpr const char* kWanted = "('approved', 'deployed', 'verified', 'lapsed')";

Result<void> doubt_judgements(Connection& connection, const std::string& control_id) {
    THIMBLE_TRY(connection.execute(
        "UPDATE fleet_host SET judged_at = 0 WHERE host_id IN (SELECT host_id FROM control_host "
        "WHERE control_id = :control)",
        {control_id}));
    return {};
}

std::vector<std::string> texts_of(const std::vector<Row>& rows) {
    std::vector<std::string> texts;
    texts.reserve(rows.size());
    std::ranges::transform(
        rows, std::back_inserter(texts), [](const Row& row) { return text_at(row, 0); });
    return texts;
}

}  // namespace

Result<std::vector<std::string>> states_of_control_hosts(
    Connection& connection, const std::string& control_id) {
    // Each state by one look into the index, where DISTINCT would read all hosts.
    std::string statement;
    Row values;
    for (const char* const state :
         {"proposed", "approved", "deployed", "verified", "lapsed", "retiring", "retired"}) {
        values.emplace_back(control_id);
        statement += fmt::format(
            "{}SELECT * FROM (SELECT s.state FROM control_host s WHERE s.control_id = :p{} AND "
            "s.state = '{}' LIMIT 1) {}",
            statement.empty() ? "" : " UNION ALL ",
            values.size(),
            state,
            fmt::format("of_{}", state));
    }
    THIMBLE_TRY(const auto rows, connection.query(statement, values));
    return texts_of(rows);
}

Result<std::vector<std::string>> groups_of_control(
    Connection& connection, const std::string& control_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT DISTINCT h.host_group FROM control_host s JOIN host h ON h.id = s.host_id "
            "WHERE s.control_id = :control AND s.state <> 'retired' ORDER BY h.host_group",
            {control_id}));
    return texts_of(rows);
}

Result<ControlTally> tally_of_control(
    Connection& connection, const std::string& control_id, const std::string& digest) {
    const std::string is_up = "t.same = 1 AND t.state IN ('deployed', 'verified', 'lapsed')";
    // What hosts outside say counts, too: a control that they see open, or shut for whom it lets in, has proven nothing.
    const std::string is_wrong_outside = "t.outside IN ('open', 'shut')";
    const std::string is_held_outside = "t.outside IN ('', 'not-probed', 'held')";
    const auto sum = [](const std::string& condition) {
        return "COALESCE(SUM(CASE WHEN " + condition + " THEN 1 ELSE 0 END), 0)";
    };
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            fmt::format(
                "SELECT {}, {}, {}, {}, {}, {}, {} FROM (SELECT s.state AS state, s.tries AS "
                "tries, "
                "s.job_kind AS job_kind, s.installed_at AS installed_at, s.last_verified AS "
                "last_verified, s.outside AS outside, CASE WHEN s.digest = :digest THEN 1 ELSE 0 "
                "END AS same FROM "
                "control_host s WHERE s.control_id = :control AND s.state <> 'retired') t",
                sum(is_up),
                sum(is_up + " AND t.state = 'verified' AND " + is_held_outside),
                sum(is_up + " AND (" + is_wrong_outside
                    + " OR (t.state = 'lapsed' AND t.last_verified < t.installed_at))"),
                sum(is_up + " AND NOT (" + is_wrong_outside
                    + ") AND t.state = 'lapsed' AND t.last_verified >= t.installed_at"),
                sum(fmt::format("t.same = 0 AND t.tries > 0 AND t.state IN {}", kWanted)),
                sum("t.job_kind = 'deploy-control'"),
                sum("t.job_kind = 'remove-control'")),
            {digest, control_id}));
    const Row& row = rows.front();
    return ControlTally{
        count_at(row, 0),
        count_at(row, 1),
        count_at(row, 2),
        count_at(row, 3),
        count_at(row, 4),
        count_at(row, 5),
        count_at(row, 6)};
}

Result<void> move_control_hosts(
    Connection& connection, const std::string& control_id, const ControlMove& move) {
    Row values{
        move.to,
        seconds_of(move.since),
        move.why,
        seconds_of(move.due_at),
        seconds_of(move.turn_at),
        control_id};
    const std::string from = placeholders(move.from, values);
    THIMBLE_TRY(connection.execute(
        fmt::format(
            "UPDATE control_host SET state = :to, since = :since, why = :why, tries = 0, due_at = "
            ":due, turn_at = :turn WHERE control_id = :control AND job_id = '' AND state IN ({}){}",
            from,
            move.is_untouched ? " AND tried_at = 0 AND installed_at = 0 AND digest = ''" : ""),
        values));
    return doubt_judgements(connection, control_id);
}

Result<void> retry_control_hosts(
    Connection& connection, const std::string& control_id, const std::string& digest, Instant now) {
    THIMBLE_TRY(connection.execute(
        fmt::format(
            "UPDATE control_host SET tries = 0, turn_at = :now WHERE control_id = :control AND "
            "job_id = '' AND state IN {} AND digest <> :digest",
            kWanted),
        {seconds_of(now), control_id, digest}));
    return {};
}

Result<void> forget_control_digests(Connection& connection, const std::string& control_id) {
    THIMBLE_TRY(connection.execute(
        fmt::format(
            "UPDATE control_host SET digest = '' WHERE control_id = :control AND state IN {}",
            kWanted),
        {control_id}));
    return {};
}

Result<void> forget_unproven_digests(Connection& connection, const std::string& control_id) {
    THIMBLE_TRY(connection.execute(
        "UPDATE control_host SET digest = '' WHERE control_id = :control AND state = 'lapsed' AND "
        "last_verified < installed_at",
        {control_id}));
    return {};
}

Result<void> set_control_end(Connection& connection, const std::string& control_id, Instant end) {
    THIMBLE_TRY(connection.execute(
        "UPDATE control_host SET due_at = :due WHERE control_id = :control AND state <> 'retired' "
        "AND due_at > :later",
        {seconds_of(end), control_id, seconds_of(end)}));
    return doubt_judgements(connection, control_id);
}

Result<void> look_at_control_hosts(
    Connection& connection, const std::string& control_id, Instant now) {
    THIMBLE_TRY(connection.execute(
        "UPDATE control_host SET tried_at = 0, due_at = :now WHERE control_id = :control AND "
        "job_id = '' AND state IN ('deployed', 'verified', 'lapsed')",
        {seconds_of(now), control_id}));
    return {};
}

Result<ChangedHosts> hosts_changed_since(
    Connection& connection, std::int64_t entry, std::int64_t most) {
    THIMBLE_TRY(
        const auto last,
        connection.query(
            "SELECT sequence FROM audit WHERE sequence <= :last ORDER BY sequence DESC LIMIT 1",
            {entry + most}));
    ChangedHosts changed;
    changed.up_to = last.empty() ? entry : std::max(entry, number_at(last.front(), 0));
    // One that enrolled again replaces another.
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT h.id FROM host h WHERE h.id IN (SELECT subject FROM audit WHERE sequence > "
            ":after AND sequence <= :last AND action LIKE 'host.%') OR h.superseded_by IN (SELECT "
            "subject FROM audit WHERE sequence > :behind AND sequence <= :until AND action = "
            "'host.enrol') ORDER BY h.id",
            {entry, changed.up_to, entry, changed.up_to}));
    changed.ids = texts_of(rows);
    return changed;
}

Result<std::vector<RolloutCandidate>> candidates_among(
    Connection& connection, const std::vector<std::string>& ids) {
    std::vector<RolloutCandidate> candidates;
    for (const std::string& id : ids) {
        THIMBLE_TRY(
            const auto rows,
            connection.query(
                "SELECT h.id, h.name, h.host_group, h.operating_system, h.tags FROM host h WHERE "
                "h.id = :id AND h.revoked_at = 0 AND NOT EXISTS (SELECT 1 FROM host n WHERE n.id = "
                "h.superseded_by AND n.revoked_at = 0)",
                {id}));
        for (const Row& row : rows) {
            candidates.push_back(
                {text_at(row, 0),
                 text_at(row, 1),
                 text_at(row, 2),
                 text_at(row, 3),
                 text_at(row, 4)});
        }
    }
    return candidates;
}

}  // namespace thimble::store
