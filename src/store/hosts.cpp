#include "thimble/store/hosts.hpp"

#include "thimble/store/columns.hpp"

#include <fmt/format.h>

namespace thimble::store {
namespace {

HostRecord host_of(const Row& row) {
    return HostRecord{
        text_at(row, 0),
        text_at(row, 1),
        text_at(row, 2),
        text_at(row, 3),
        text_at(row, 4),
        text_at(row, 5),
        text_at(row, 6),
        text_at(row, 7),
        number_at(row, 8),
        text_at(row, 9),
        instant_at(row, 10),
        instant_at(row, 11),
        instant_at(row, 12),
        instant_at(row, 13),
        instant_at(row, 14),
        text_at(row, 15)};
}

constexpr const char* kHosts =
    "SELECT id, name, host_group, operating_system, architecture, agent_version, boot_id, "
    "inventory_digest, report_sequence, certificate_serial, certificate_expires_at, enrolled_at, "
    "last_seen_at, silent_at, revoked_at, address FROM host";

Result<std::vector<HostRecord>> hosts_of(Result<std::vector<Row>> rows) {
    if (!rows) {
        return std::move(rows).error();
    }
    std::vector<HostRecord> hosts;
    hosts.reserve(rows->size());
    for (const Row& row : *rows) {
        hosts.push_back(host_of(row));
    }
    return hosts;
}

Result<std::vector<std::string>> digests_of(Result<std::vector<Row>> rows) {
    if (!rows) {
        return std::move(rows).error();
    }
    std::vector<std::string> digests;
    digests.reserve(rows->size());
    for (const Row& row : *rows) {
        digests.push_back(text_at(row, 0));
    }
    return digests;
}

}  // namespace

Result<void> add_host(Connection& connection, const HostRecord& host) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO host (id, name, host_group, operating_system, architecture, agent_version, "
        "boot_id, inventory_digest, report_sequence, certificate_serial, certificate_expires_at, "
        "enrolled_at, last_seen_at, silent_at, revoked_at) VALUES (:id, :name, :group, :system, "
        ":architecture, :version, :boot, :digest, :sequence, :serial, :expires, :enrolled, :seen, "
        ":silent, :revoked)",
        {host.id,
         host.name,
         host.host_group,
         host.operating_system,
         host.architecture,
         host.agent_version,
         host.boot_id,
         host.inventory_digest,
         host.report_sequence,
         host.certificate_serial,
         seconds_of(host.certificate_expires_at),
         seconds_of(host.enrolled_at),
         seconds_of(host.last_seen_at),
         seconds_of(host.silent_at),
         seconds_of(host.revoked_at)}));
    return {};
}

Result<std::vector<HostRecord>> all_hosts(Connection& connection) {
    return hosts_of(connection.query(std::string(kHosts) + " ORDER BY id"));
}

Result<std::optional<HostRecord>> host_of_id(Connection& connection, const std::string& id) {
    THIMBLE_TRY(
        auto hosts, hosts_of(connection.query(std::string(kHosts) + " WHERE id = :id", {id})));
    return hosts.empty() ? std::optional<HostRecord>() : std::optional(std::move(hosts.front()));
}

Result<std::vector<HostRecord>> changed_hosts(
    Connection& connection, std::int64_t after, std::int64_t until) {
    return hosts_of(connection.query(
        std::string(kHosts)
            + " WHERE id IN (SELECT subject FROM server_change WHERE kind IN ('host', 'inventory') "
              "AND number > :after AND number <= :until) ORDER BY id",
        {after, until}));
}

Result<void> set_host_certificate(
    Connection& connection, const std::string& id, const std::string& serial, Instant expires_at) {
    THIMBLE_TRY(connection.execute(
        "UPDATE host SET certificate_serial = :serial, certificate_expires_at = :expires WHERE id "
        "= "
        ":id",
        {serial, seconds_of(expires_at), id}));
    return {};
}

Result<bool> has_host_of_group(Connection& connection, const std::string& host_group) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id FROM host WHERE host_group = :group AND revoked_at = 0 LIMIT 1",
            {host_group}));
    return !rows.empty();
}

Result<std::string> host_group_of(Connection& connection, const std::string& id) {
    THIMBLE_TRY(
        const auto rows, connection.query("SELECT host_group FROM host WHERE id = :id", {id}));
    return rows.empty() ? std::string() : text_at(rows.front(), 0);
}

Result<void> set_host_group(
    Connection& connection, const std::string& id, const std::string& host_group) {
    THIMBLE_TRY(
        connection.execute("UPDATE host SET host_group = :group WHERE id = :id", {host_group, id}));
    return {};
}

Result<void> revoke_host(Connection& connection, const std::string& id, Instant now) {
    THIMBLE_TRY(connection.execute(
        "UPDATE host SET revoked_at = :now WHERE id = :id", {seconds_of(now), id}));
    return {};
}

Result<void> note_sightings(Connection& connection, std::span<const Sighting> sightings) {
    for (const Sighting& sighting : sightings) {
        THIMBLE_TRY(connection.execute(
            "UPDATE host SET last_seen_at = :at, agent_version = :version, boot_id = :boot, "
            "silent_at = :silent, address = CASE reach WHEN 'agent' THEN :address ELSE '' END "
            "WHERE id = :id",
            {seconds_of(sighting.at),
             sighting.agent_version,
             sighting.boot_id,
             seconds_of(sighting.silent_at),
             sighting.address,
             sighting.host_id}));
    }
    return {};
}

Result<void> keep_document(Connection& connection, const InventoryDocument& document, Instant now) {
    // One that came again is as young as it is now: it is not let go while its host is about to name it.
    THIMBLE_TRY(
        const std::int64_t known,
        connection.execute(
            "UPDATE inventory_document SET stored_at = :now WHERE digest = :digest",
            {seconds_of(now), document.digest}));
    if (known > 0) {
        return {};
    }
    THIMBLE_TRY(connection.execute(
        "INSERT INTO inventory_document (digest, compressed, expanded_bytes, stored_at) VALUES "
        "(:digest, :compressed, :bytes, :now)",
        {document.digest, document.compressed, document.expanded_bytes, seconds_of(now)}));
    return {};
}

Result<bool> has_document(Connection& connection, const std::string& digest) {
    THIMBLE_TRY(
        const auto rows,
        connection.query("SELECT digest FROM inventory_document WHERE digest = :digest", {digest}));
    return !rows.empty();
}

Result<std::vector<std::string>> document_digests(Connection& connection) {
    return digests_of(connection.query("SELECT digest FROM inventory_document"));
}

Result<std::vector<std::string>> changed_documents(
    Connection& connection, std::int64_t after, std::int64_t until) {
    return digests_of(connection.query(
        "SELECT digest FROM inventory_document WHERE digest IN (SELECT subject FROM server_change "
        "WHERE kind = 'document' AND number > :after AND number <= :until)",
        {after, until}));
}

Result<InventoryDocument> document_of(Connection& connection, const std::string& digest) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT digest, compressed, expanded_bytes FROM inventory_document WHERE digest = "
            ":digest",
            {digest}));
    if (rows.empty()) {
        return failure(
            ErrorKind::NotFound, "store.no_document", "there is no document with this digest");
    }
    return InventoryDocument{text_at(rows[0], 0), text_at(rows[0], 1), number_at(rows[0], 2)};
}

Result<void> set_inventory(
    Connection& connection, const std::string& host_id, const std::string& digest) {
    THIMBLE_TRY(connection.execute(
        "UPDATE host SET inventory_digest = :digest WHERE id = :id", {digest, host_id}));
    return {};
}

Result<std::int64_t> report_sequence_of(Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query("SELECT report_sequence FROM host WHERE id = :host", {host_id}));
    return rows.empty() ? 0 : number_at(rows.front(), 0);
}

Result<std::int64_t> take_reports(
    Connection& connection,
    const std::string& host_id,
    std::span<const Report> reports,
    Instant now) {
    THIMBLE_TRY(
        const auto rows,
        connection.query("SELECT report_sequence FROM host WHERE id = :id", {host_id}));
    if (rows.empty()) {
        return failure(ErrorKind::NotFound, "store.no_host", "there is no such host");
    }
    std::int64_t last = number_at(rows.front(), 0);
    for (const Report& report : reports) {
        if (report.sequence <= last) {
            continue;  // taken before; its answer was lost on the way
        }
        if (report.sequence != last + 1) {
            return failure(
                ErrorKind::Conflict,
                "store.report_gap",
                fmt::format("report {} comes before {}", last + 1, report.sequence));
        }
        THIMBLE_TRY(connection.execute(
            "INSERT INTO report (host_id, sequence, received_at, kind, content) VALUES (:host, "
            ":sequence, :now, :kind, :content)",
            {host_id, report.sequence, seconds_of(now), report.kind, report.content}));
        last = report.sequence;
    }
    THIMBLE_TRY(connection.execute(
        "UPDATE host SET report_sequence = :last WHERE id = :id", {last, host_id}));
    return last;
}

}  // namespace thimble::store
