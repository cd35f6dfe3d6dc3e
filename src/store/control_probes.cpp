#include "thimble/store/control_probes.hpp"

#include "thimble/store/columns.hpp"
#include "thimble/store/words.hpp"

#include <algorithm>
#include <iterator>

namespace thimble::store {
namespace {

constexpr const char* kProbes =
    "SELECT control_id, host_id, number, prober_id, job_id, asked_at, answered_at, answer, why, "
    "target FROM control_probe";

ControlProbe probe_at(const Row& row) {
    return {
        text_at(row, 0),
        text_at(row, 1),
        number_at(row, 2),
        text_at(row, 3),
        text_at(row, 4),
        instant_at(row, 5),
        instant_at(row, 6),
        text_at(row, 7),
        text_at(row, 8),
        text_at(row, 9)};
}

/// Neither revoked nor replaced by a later enrolment.
constexpr const char* kProbers =
    "SELECT h.id, h.name, h.host_group, h.silent_at, h.address FROM host h WHERE h.revoked_at = 0 "
    "AND NOT EXISTS (SELECT 1 FROM host n WHERE n.id = h.superseded_by AND n.revoked_at = 0) AND ";

std::vector<ProbingHost> probing_hosts_of(const std::vector<Row>& rows) {
    std::vector<ProbingHost> hosts;
    hosts.reserve(rows.size());
    for (const Row& row : rows) {
        hosts.push_back(
            {text_at(row, 0),
             text_at(row, 1),
             text_at(row, 2),
             instant_at(row, 3),
             text_at(row, 4)});
    }
    return hosts;
}

}  // namespace

Result<void> set_control_probe(Connection& connection, const ControlProbe& probe) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO control_probe (control_id, host_id, number, prober_id, job_id, asked_at, "
        "answered_at, answer, why, target) VALUES (:control, :host, :number, :prober, :job, "
        ":asked, "
        ":answered, :answer, :why, :target) ON CONFLICT (control_id, host_id, number) DO UPDATE "
        "SET "
        "prober_id = excluded.prober_id, job_id = excluded.job_id, asked_at = excluded.asked_at, "
        "answered_at = excluded.answered_at, answer = excluded.answer, why = excluded.why, "
        "target = excluded.target",
        {probe.control_id,
         probe.host_id,
         probe.number,
         probe.prober_id,
         probe.job_id,
         seconds_of(probe.asked_at),
         seconds_of(probe.answered_at),
         probe.answer,
         probe.why,
         probe.target}));
    return {};
}

Result<std::vector<ControlProbe>> probes_of_control_host(
    Connection& connection, const std::string& control_id, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string(kProbes)
                + " WHERE control_id = :control AND host_id = :host ORDER BY number",
            {control_id, host_id}));
    std::vector<ControlProbe> probes;
    probes.reserve(rows.size());
    std::ranges::transform(rows, std::back_inserter(probes), probe_at);
    return probes;
}

Result<std::vector<std::pair<std::string, std::string>>> asked_of(
    Connection& connection, const std::vector<std::string>& probers) {
    THIMBLE_TRY(
        const auto rows,
        connection.query("SELECT DISTINCT prober_id, control_id, host_id FROM control_probe WHERE "
                         "prober_id <> '' ORDER BY control_id, host_id"));
    std::vector<std::pair<std::string, std::string>> places;
    for (const Row& row : rows) {
        std::pair place{text_at(row, 1), text_at(row, 2)};
        if (std::ranges::binary_search(probers, text_at(row, 0))
            && (places.empty() || places.back() != place)) {
            places.push_back(std::move(place));
        }
    }
    return places;
}

Result<bool> was_asked_elsewhere(
    Connection& connection, const std::string& control_id, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT p.number FROM control_probe p JOIN host h ON h.id = p.host_id WHERE "
            "p.control_id = :control AND p.host_id = :host AND p.target <> '' AND p.target <> "
            "h.address LIMIT 1",
            {control_id, host_id}));
    return !rows.empty();
}

Result<std::vector<std::string>> hosts_asked_elsewhere(
    Connection& connection, std::span<const std::string> hosts) {
    std::vector<std::string> moved;
    if (hosts.empty()) {
        return moved;
    }
    Row values;
    const std::string wanted = placeholders(hosts, values);
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT DISTINCT h.id FROM control_host s JOIN control_probe p ON p.control_id = "
            "s.control_id AND p.host_id = s.host_id JOIN host h ON h.id = s.host_id WHERE "
            "s.due_at > 0 AND p.target <> '' AND p.target <> h.address AND s.host_id IN ("
                + wanted + ") ORDER BY h.id",
            values));
    std::ranges::transform(
        rows, std::back_inserter(moved), [](const Row& row) { return text_at(row, 0); });
    return moved;
}

Result<void> hasten_controls(Connection& connection, std::span<const std::string> hosts) {
    Row values;
    const std::string wanted = placeholders(hosts, values);
    THIMBLE_TRY(connection.execute(
        "UPDATE control_host SET due_at = 0 WHERE host_id IN (" + wanted + ") AND outside <> ''",
        values));
    return {};
}

Result<std::optional<ControlProbe>> control_probe_of_job(
    Connection& connection, const std::string& job_id) {
    THIMBLE_TRY(
        const auto rows, connection.query(std::string(kProbes) + " WHERE job_id = :job", {job_id}));
    return rows.empty() ? std::optional<ControlProbe>() : std::optional(probe_at(rows.front()));
}

Result<void> forget_control_probes(
    Connection& connection, const std::string& control_id, const std::string& host_id) {
    THIMBLE_TRY(connection.execute(
        "DELETE FROM control_probe WHERE control_id = :control AND host_id = :host",
        {control_id, host_id}));
    return {};
}

Result<void> forget_control_probe(Connection& connection, const ControlProbe& probe) {
    THIMBLE_TRY(connection.execute(
        "DELETE FROM control_probe WHERE control_id = :control AND host_id = :host AND number = "
        ":number",
        {probe.control_id, probe.host_id, probe.number}));
    return {};
}

Result<std::vector<ProbingHost>> hosts_called(
    Connection& connection, const std::string& name, const std::string& group) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string(kProbers)
                + "(h.id = :id OR h.name = :name OR h.id = (SELECT superseded_by FROM host WHERE "
                  "id = :before)) AND (:every = '*' OR h.host_group = :group) ORDER BY h.id LIMIT "
                  "2",
            {name, name, name, group, group}));
    return probing_hosts_of(rows);
}

Result<bool> was_host(Connection& connection, const std::string& name) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id FROM host WHERE revoked_at <> 0 AND (id = :id OR name = :name) LIMIT 1",
            {name, name}));
    return !rows.empty();
}

Result<std::vector<std::string>> enrolments_before(
    Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id FROM host WHERE superseded_by = :id ORDER BY id LIMIT 100", {host_id}));
    std::vector<std::string> ids;
    ids.reserve(rows.size());
    std::ranges::transform(
        rows, std::back_inserter(ids), [](const Row& row) { return text_at(row, 0); });
    return ids;
}

Result<std::vector<ProbingHost>> possible_probers(
    Connection& connection, const ProberSearch& search, std::int64_t most) {
    const std::string is_possible = std::string(kProbers)
        + "h.silent_at > :now AND h.address <> '' AND h.reach = 'agent' AND h.id <> :shielded AND "
          "NOT EXISTS (SELECT 1 FROM control_host s "
          "JOIN control c ON c.id = s.control_id WHERE s.host_id = h.id AND c.kind = 'isolation' "
          "AND s.state NOT IN ('proposed', 'approved', 'retired')) AND "
        // Of one group by its index, so that a small one costs no walk through all hosts.
        + (search.host_group == "*" ? "" : "h.host_group = :group AND ");
    const auto part = [&](const char* place, std::int64_t limit) {
        Row values{seconds_of(search.now), search.shielded};
        if (search.host_group != "*") {
            values.emplace_back(search.host_group);
        }
        values.emplace_back(search.from_id);
        values.emplace_back(limit);
        return connection.query(is_possible + place + " ORDER BY h.id LIMIT :most", values);
    };
    THIMBLE_TRY(auto rows, part("h.id >= :from", most));
    const auto left = most - static_cast<std::int64_t>(rows.size());
    if (left > 0) {
        THIMBLE_TRY(const auto more, part("h.id < :from", left));
        rows.insert(rows.end(), more.begin(), more.end());
    }
    std::ranges::sort(rows, {}, [](const Row& row) { return text_at(row, 0); });
    return probing_hosts_of(rows);
}

Result<bool> is_elsewhere(
    Connection& connection, const std::string& control_id, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT host_id FROM control_host WHERE control_id = :control AND host_id <> :host AND "
            "state <> 'retired' LIMIT 1",
            {control_id, host_id}));
    return !rows.empty();
}

}  // namespace thimble::store
