#include "thimble/store/taken_back.hpp"

#include "thimble/store/columns.hpp"
#include "thimble/store/words.hpp"

#include <fmt/format.h>

#include <utility>

namespace thimble::store {

Result<void> add_taken_back(Connection& connection, const TakenBackSet& set) {
    std::vector<std::string> patches;
    patches.reserve(set.patches.size());
    for (const auto& [source, version] : set.patches) {
        patches.push_back(fmt::format("{} {}", source, version));
    }
    THIMBLE_TRY(connection.execute(
        "INSERT INTO taken_back (id, host_id, host_group, deployment_id, run, why, patches, "
        "vulnerabilities, taken_back_at, reviewed_at, reviewed_by, notes) VALUES (:id, :host, "
        ":group, :deployment, :run, :why, :patches, :vulnerabilities, :at, 0, '', '')",
        {set.id,
         set.host_id,
         set.host_group,
         set.deployment_id,
         set.run,
         set.why,
         joined(patches),
         joined(set.vulnerabilities),
         seconds_of(set.taken_back_at)}));
    for (const auto& [source, version] : set.patches) {
        THIMBLE_TRY(connection.execute(
            "INSERT INTO taken_back_patch (taken_back_id, source, to_version) VALUES (:id, "
            ":source, :version) ON CONFLICT (taken_back_id, source, to_version) DO NOTHING",
            {set.id, source, version}));
    }
    return {};
}

Result<bool> review_taken_back(Connection& connection, const TakenBackReview& review, Instant now) {
    THIMBLE_TRY(
        const std::int64_t changed,
        connection.execute(
            "UPDATE taken_back SET reviewed_at = :now, reviewed_by = :person, notes = :notes WHERE "
            "id = :id AND reviewed_at = 0",
            {seconds_of(now), review.person, review.notes, review.id}));
    return changed > 0;
}

Result<std::optional<std::string>> group_of_taken_back(
    Connection& connection, const std::string& id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query("SELECT host_group FROM taken_back WHERE id = :id", {id}));
    return rows.empty() ? std::optional<std::string>() : std::optional(text_at(rows.front(), 0));
}

Result<std::vector<KeptBackPatch>> patches_kept_back(
    Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT p.source, p.to_version, o.name, t.id FROM host h JOIN taken_back t ON "
            "t.host_group = h.host_group AND t.reviewed_at = 0 JOIN taken_back_patch p ON "
            "p.taken_back_id = t.id JOIN host o ON o.id = t.host_id WHERE h.id = :host ORDER BY "
            "p.source, p.to_version, t.taken_back_at, t.id",
            {host_id}));
    std::vector<KeptBackPatch> patches;
    for (const Row& row : rows) {
        KeptBackPatch patch{text_at(row, 0), text_at(row, 1), text_at(row, 2), text_at(row, 3)};
        const bool is_known = !patches.empty() && patches.back().source == patch.source
            && patches.back().to_version == patch.to_version;
        if (!is_known) {
            patches.push_back(std::move(patch));
        }
    }
    return patches;
}

Result<std::vector<std::string>> sources_kept_back(
    Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT DISTINCT p.source FROM host h JOIN taken_back t ON t.host_group = "
            "h.host_group AND t.reviewed_at = 0 JOIN taken_back_patch p ON p.taken_back_id = t.id "
            "JOIN fleet_patch f ON f.host_id = h.id AND f.source = p.source AND f.to_version = "
            "p.to_version WHERE h.id = :host ORDER BY p.source",
            {host_id}));
    std::vector<std::string> sources;
    sources.reserve(rows.size());
    for (const Row& row : rows) {
        sources.push_back(text_at(row, 0));
    }
    return sources;
}

Result<std::map<std::string, std::string>> hosts_kept_back(
    Connection& connection, const std::string& deployment_id) {
    std::map<std::string, std::string> hosts;
    THIMBLE_TRY(
        const auto open,
        connection.query("SELECT id FROM taken_back WHERE reviewed_at = 0 LIMIT 1"));
    if (open.empty()) {
        return hosts;
    }
    // A patch is scheduled on a host as long as the plan of a deployment has it.
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT DISTINCT d.host_id, o.name FROM deployment_host d JOIN host h ON h.id = "
            "d.host_id JOIN taken_back t ON t.host_group = h.host_group AND t.reviewed_at = 0 JOIN "
            "taken_back_patch p ON p.taken_back_id = t.id JOIN patch_state s ON s.host_id = h.id "
            "AND s.source = p.source AND s.to_version = p.to_version AND s.state = 'scheduled' "
            "JOIN host o ON o.id = t.host_id WHERE d.deployment_id = :deployment AND d.phase = "
            "'rehearsed' ORDER BY d.host_id, o.name",
            {deployment_id}));
    for (const Row& row : rows) {
        hosts.emplace(text_at(row, 0), text_at(row, 1));
    }
    return hosts;
}

Result<std::vector<std::string>> hosts_without(
    Connection& connection, const std::string& source, const std::string& to_version) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT DISTINCT h.id FROM taken_back_patch p JOIN taken_back t ON t.id = "
            "p.taken_back_id AND t.reviewed_at = 0 JOIN host h ON h.host_group = t.host_group "
            "WHERE p.source = :source AND p.to_version = :version ORDER BY h.id",
            {source, to_version}));
    std::vector<std::string> hosts;
    hosts.reserve(rows.size());
    for (const Row& row : rows) {
        hosts.push_back(text_at(row, 0));
    }
    return hosts;
}

}  // namespace thimble::store
