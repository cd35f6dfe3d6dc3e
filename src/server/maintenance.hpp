#pragma once
/// @file What an administrator does beside the server: check, back up, restore, and read the audit log.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>

namespace thimble::server {

/// Which server.
struct ServerPlace {
    std::filesystem::path data;
    std::string database;  ///< empty: SQLite in the data folder
};

/// What a check found to be whole.
struct CheckReport {
    std::int64_t schema_version = 0;
    std::int64_t audit_entries = 0;
    std::string audit_head;  ///< hash of the last entry
    std::string authority;   ///< fingerprint
    std::string
        leader;  ///< NAME:PORT of the server that leads; empty: none does, or there is one alone
};

/// Looks at the keys, the database and the audit chain. Changes nothing but what opening a database of
/// an older version does. Works beside a server that runs.
/// @error Corrupt "store.damaged", "store.broken_chain", "server.bad_key"; NotFound "server.no_data"
Result<CheckReport> check_server(const ServerPlace& place, Instant now);

/// The database as it is at one instant, with the keys, in one new file, mode 0600. Works beside a
/// server that runs. For SQLite only: PostgreSQL has tools of its own.
/// @error Unsupported "server.not_sqlite"; Conflict "server.file_exists"; Unavailable "server.cannot_write"
Result<void> back_up_server(const ServerPlace& place, const std::filesystem::path& file);

/// Makes a new data folder from a backup, and checks it before it is in place.
/// @error Conflict "server.data_exists"  there is something already
/// @error Corrupt "server.bad_backup"
Result<void> restore_server(
    const std::filesystem::path& file, const ServerPlace& place, Instant now);

/// Gives somebody a password, also beside a server that runs. Their sessions end.
/// @error NotFound "server.no_user"; Conflict "server.user_disabled"; Invalid "server.weak_password"
Result<void> set_user_password(
    const ServerPlace& place, const std::string& name, const std::string& password, Instant now);

/// Verifies the chain of the audit log.
/// @param head  "SEQUENCE:HASH" that was noted before and must still be in the chain; may be empty
/// @error Corrupt "store.broken_chain"; Invalid "server.bad_head"
Result<CheckReport> verify_audit_log(const ServerPlace& place, const std::string& head);

/// Writes the audit log as NDJSON.
/// @source docs/formats/audit.md
Result<void> export_audit_log(const ServerPlace& place, std::ostream& out);

}  // namespace thimble::server
