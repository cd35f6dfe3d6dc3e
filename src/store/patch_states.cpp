#include "thimble/store/patch_states.hpp"

#include "thimble/store/columns.hpp"

namespace thimble::store {

Result<std::vector<PatchStateRow>> patch_states_of(
    Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT host_id, source, to_version, state, since, evidence, verified_on_disk, "
            "inventory_digest FROM patch_state WHERE host_id = :host ORDER BY source, to_version",
            {host_id}));
    std::vector<PatchStateRow> states;
    states.reserve(rows.size());
    for (const Row& row : rows) {
        states.push_back(
            {text_at(row, 0),
             text_at(row, 1),
             text_at(row, 2),
             text_at(row, 3),
             instant_at(row, 4),
             text_at(row, 5),
             number_at(row, 6) != 0,
             text_at(row, 7)});
    }
    return states;
}

Result<void> forget_patch_state(Connection& connection, const PatchStateRow& row) {
    THIMBLE_TRY(connection.execute(
        "DELETE FROM patch_state WHERE host_id = :host AND source = :source AND to_version = :to",
        {row.host_id, row.source, row.to_version}));
    return {};
}

Result<void> put_patch_state(Connection& connection, const PatchStateRow& row) {
    THIMBLE_TRY(forget_patch_state(connection, row));
    THIMBLE_TRY(connection.execute(
        "INSERT INTO patch_state (host_id, source, to_version, state, since, evidence, "
        "verified_on_disk, inventory_digest) VALUES (:host, :source, :to, :state, :since, "
        ":evidence, :verified, :digest)",
        {row.host_id,
         row.source,
         row.to_version,
         row.state,
         seconds_of(row.since),
         row.evidence,
         std::int64_t{row.verified_on_disk ? 1 : 0},
         row.inventory_digest}));
    return {};
}

Result<std::string> inventory_digest_of(Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query("SELECT inventory_digest FROM host WHERE id = :host", {host_id}));
    return rows.empty() ? std::string() : text_at(rows.front(), 0);
}

}  // namespace thimble::store
