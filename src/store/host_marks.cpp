#include "thimble/store/host_marks.hpp"

#include "thimble/store/columns.hpp"

namespace thimble::store {

Result<std::string> tags_of_host(Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows, connection.query("SELECT tags FROM host WHERE id = :id", {host_id}));
    if (rows.empty()) {
        return failure(ErrorKind::NotFound, "store.no_host", "there is no such host");
    }
    return text_at(rows.front(), 0);
}

Result<void> set_host_tags(
    Connection& connection, const std::string& host_id, const std::string& tags) {
    THIMBLE_TRY(connection.execute("UPDATE host SET tags = :tags WHERE id = :id", {tags, host_id}));
    return {};
}

Result<void> set_host_reach(
    Connection& connection, const std::string& host_id, const std::string& reach) {
    THIMBLE_TRY(
        connection.execute("UPDATE host SET reach = :reach WHERE id = :id", {reach, host_id}));
    return {};
}

Result<std::vector<TaggedHosts>> tagged_hosts(
    Connection& connection, const std::string& host_group) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT tags, COUNT(*) FROM host WHERE revoked_at = 0 AND tags <> '' AND (:every = '' "
            "OR host_group = :group) GROUP BY tags ORDER BY tags",
            {host_group, host_group}));
    std::vector<TaggedHosts> tagged;
    tagged.reserve(rows.size());
    for (const Row& row : rows) {
        tagged.push_back({text_at(row, 0), count_at(row, 1)});
    }
    return tagged;
}

Result<std::int64_t> note_machine(Connection& connection, const MachineClaim& claim) {
    THIMBLE_TRY(connection.execute(
        "UPDATE host SET machine = :machine WHERE id = :id", {claim.machine, claim.host_id}));
    return connection.execute(
        "UPDATE host SET superseded_by = :successor WHERE machine = :machine AND id <> :id AND "
        "revoked_at = 0 AND name = (SELECT n.name FROM host n WHERE n.id = :named) AND host_group "
        "= (SELECT g.host_group FROM host g WHERE g.id = :grouped)",
        {claim.host_id, claim.machine, claim.host_id, claim.host_id, claim.host_id});
}

}  // namespace thimble::store
