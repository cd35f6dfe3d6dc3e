#pragma once
/// @file The hosts that enrolled, and what they sent: inventory documents and reports.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thimble::store {

/// A host as the database has it.
struct HostRecord {
    std::string id;  ///< also the common name of its certificate
    std::string name;
    std::string host_group;
    std::string operating_system;
    std::string architecture;
    std::string agent_version;
    std::string boot_id;
    std::string inventory_digest;      ///< empty until the first inventory
    std::int64_t report_sequence = 0;  ///< of the last report that was taken
    std::string certificate_serial;
    Instant certificate_expires_at;
    Instant enrolled_at;
    Instant last_seen_at;
    Instant silent_at;   ///< from then on it is silent, unless it is heard of before
    Instant revoked_at;  ///< 0: not revoked
    /// As it is its own; empty: not known. NOLINTNEXTLINE(readability-redundant-member-init): left out by others
    std::string address = {};
    bool operator==(const HostRecord&) const = default;
};

Result<void> add_host(Connection& connection, const HostRecord& host);
/// Every host, by id.
Result<std::vector<HostRecord>> all_hosts(Connection& connection);
Result<std::optional<HostRecord>> host_of_id(Connection& connection, const std::string& id);
/// Those that changes of servers behind `after` up to `until` tell of, by id.
Result<std::vector<HostRecord>> changed_hosts(
    Connection& connection, std::int64_t after, std::int64_t until);
Result<void> set_host_certificate(
    Connection& connection, const std::string& id, const std::string& serial, Instant expires_at);
/// Whether a host that is not revoked is of that group.
Result<bool> has_host_of_group(Connection& connection, const std::string& host_group);
/// Empty: there is no such host.
Result<std::string> host_group_of(Connection& connection, const std::string& id);
Result<void> set_host_group(
    Connection& connection, const std::string& id, const std::string& host_group);
Result<void> revoke_host(Connection& connection, const std::string& id, Instant now);

/// When a host was last heard of, and what it said then.
struct Sighting {
    std::string host_id;
    Instant at;
    std::string agent_version;
    std::string boot_id;
    Instant silent_at;
    /// As of a host. NOLINTNEXTLINE(readability-redundant-member-init): left out by tests
    std::string address = {};
    bool operator==(const Sighting&) const = default;
};

/// Notes many sightings at once, in the order of their hosts.
Result<void> note_sightings(Connection& connection, std::span<const Sighting> sightings);

/// An inventory as it came: zstd, in base64. The digest is that of the expanded document.
struct InventoryDocument {
    std::string digest;
    std::string compressed;
    std::int64_t expanded_bytes = 0;
    bool operator==(const InventoryDocument&) const = default;
};

/// Keeps a document; one that is there already stays as it is.
Result<void> keep_document(Connection& connection, const InventoryDocument& document, Instant now);
Result<bool> has_document(Connection& connection, const std::string& digest);
/// Of the documents that changes of servers behind `after` up to `until` tell of, those that are there.
Result<std::vector<std::string>> changed_documents(
    Connection& connection, std::int64_t after, std::int64_t until);
/// The digests of all documents, in no order.
Result<std::vector<std::string>> document_digests(Connection& connection);
/// @error NotFound "store.no_document"
Result<InventoryDocument> document_of(Connection& connection, const std::string& digest);
/// From now on a host has this inventory.
Result<void> set_inventory(
    Connection& connection, const std::string& host_id, const std::string& digest);

/// The last report that was taken of a host; 0: none, or no such host.
Result<std::int64_t> report_sequence_of(Connection& connection, const std::string& host_id);

/// Something that an agent reports.
struct Report {
    std::int64_t sequence = 0;
    std::string kind;
    std::string content;  ///< JSON, not looked into
    bool operator==(const Report&) const = default;
};

/// Keeps the reports that follow the last one, in order; those that were taken before are passed over.
/// @return the sequence of the last report that the host has here
/// @error Conflict "store.report_gap"  one between is missing
/// @error NotFound "store.no_host"
Result<std::int64_t> take_reports(
    Connection& connection,
    const std::string& host_id,
    std::span<const Report> reports,
    Instant now);

}  // namespace thimble::store
