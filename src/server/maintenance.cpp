#include "thimble/server/maintenance.hpp"

#include "thimble/server/authority.hpp"
#include "thimble/server/backup_archive.hpp"
#include "thimble/server/data_folder.hpp"
#include "thimble/server/password.hpp"
#include "thimble/server/private_file.hpp"
#include "thimble/store/accounts.hpp"
#include "thimble/store/audit_log.hpp"
#include "thimble/store/copy_database.hpp"
#include "thimble/store/database.hpp"
#include "thimble/store/migration.hpp"
#include "thimble/store/servers.hpp"

#include <charconv>
#include <ostream>

namespace thimble::server {
namespace {

namespace fs = std::filesystem;

/// An opened folder with its database.
struct OpenServer {
    DataFolder folder;
    store::Database database;
};

Result<OpenServer> open_server(const ServerPlace& place) {
    THIMBLE_TRY(DataFolder folder, DataFolder::open(place.data, DataFolder::Use::Looking));
    THIMBLE_TRY(const store::DatabaseAddress address, folder.database(place.database));
    std::error_code ignored;
    if (address.kind == store::DatabaseAddress::Kind::Sqlite
        && !fs::exists(address.place, ignored)) {
        return failure(
            ErrorKind::NotFound,
            "server.no_data",
            address.place + " is not there: run `thimble serve`");
    }
    THIMBLE_TRY(store::Database database, store::Database::open(address));
    return OpenServer{std::move(folder), std::move(database)};
}

Result<void> look_at_keys(const DataFolder& folder, Instant now, CheckReport& report) {
    std::error_code ignored;
    for (const char* name : {"authority.crt", "authority.key", "deployment.key"}) {
        if (!fs::exists(folder.keys() / name, ignored)) {
            return failure(
                ErrorKind::Corrupt,
                "server.bad_key",
                (folder.keys() / name).string() + " is missing");
        }
    }
    THIMBLE_TRY(const Authority authority, Authority::load_or_make(folder.keys(), now));
    report.authority = authority.fingerprint();
    return {};
}

Result<void> look_at_database(store::Database& database, CheckReport& report) {
    return database.look([&](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(store::check_database(connection));
        THIMBLE_TRY(report.schema_version, store::schema_version(connection));
        THIMBLE_TRY(const store::AuditVerifier verifier, store::verify_audit(connection));
        report.audit_entries = verifier.entries();
        report.audit_head = verifier.head();
        THIMBLE_TRY(const store::ServersState state, store::servers_state(connection));
        report.leader = state.now < state.lead.until ? state.lead.address : "";
        return {};
    });
}

/// A folder beside the wanted one, gone at the end unless it was renamed.
class NewFolder {
public:
    explicit NewFolder(fs::path path) : path_(std::move(path)) {}
    NewFolder(const NewFolder&) = delete;
    NewFolder& operator=(const NewFolder&) = delete;
    NewFolder(NewFolder&&) = delete;
    NewFolder& operator=(NewFolder&&) = delete;
    ~NewFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// The sequence and hash of a head that somebody noted.
struct NotedHead {
    std::int64_t sequence = 0;
    std::string hash;
};

Result<NotedHead> noted_head_of(const std::string& text) {
    NotedHead head;
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + colon, head.sequence);
    if (error != std::errc() || end != text.data() + colon || colon == text.size()) {
        return failure(ErrorKind::Invalid, "server.bad_head", "a head is SEQUENCE:HASH");
    }
    head.hash = text.substr(colon + 1);
    return head;
}

}  // namespace

Result<CheckReport> check_server(const ServerPlace& place, Instant now) {
    THIMBLE_TRY(OpenServer server, open_server(place));
    CheckReport report;
    THIMBLE_TRY(look_at_keys(server.folder, now, report));
    THIMBLE_TRY(look_at_database(server.database, report));
    return report;
}

Result<void> back_up_server(const ServerPlace& place, const fs::path& file) {
    THIMBLE_TRY(const DataFolder folder, DataFolder::open(place.data, DataFolder::Use::Looking));
    THIMBLE_TRY(const store::DatabaseAddress address, folder.database(place.database));
    if (address.kind != store::DatabaseAddress::Kind::Sqlite) {
        return failure(
            ErrorKind::Unsupported,
            "server.not_sqlite",
            "PostgreSQL is backed up by pg_dump; keep the folder keys of " + folder.path().string()
                + " beside it");
    }
    const NewFolder copy(folder.path() / ".backup");
    std::error_code ignored;
    fs::remove_all(copy.path(), ignored);
    THIMBLE_TRY(make_private_folder(copy.path()));
    THIMBLE_TRY(store::copy_sqlite(address.place, copy.path() / "thimble.db"));
    return write_backup(file, copy.path() / "thimble.db", folder.keys());
}

Result<void> restore_server(const fs::path& file, const ServerPlace& place, Instant now) {
    std::error_code ignored;
    if (!place.database.empty()) {
        return failure(
            ErrorKind::Unsupported,
            "server.not_sqlite",
            "a backup is restored into a folder of its own");
    }
    const fs::path data = fs::absolute(place.data, ignored);
    if (fs::exists(data, ignored)) {
        return failure(
            ErrorKind::Conflict,
            "server.data_exists",
            data.string() + " is there already; move it away first");
    }
    const NewFolder fresh(data.string() + ".restoring");
    fs::remove_all(fresh.path(), ignored);
    THIMBLE_TRY(make_private_folder(fresh.path()));
    THIMBLE_TRY(make_private_folder(fresh.path() / "keys"));
    THIMBLE_TRY(read_backup(file, fresh.path()));
    if (auto checked = check_server({fresh.path(), ""}, now); !checked) {
        return because("the backup is not whole", std::move(checked).error());
    }
    std::error_code error;
    fs::rename(fresh.path(), data, error);
    if (error) {
        return failure(
            ErrorKind::Unavailable, "server.cannot_write", data.string() + ": " + error.message());
    }
    return {};
}

Result<void> set_user_password(
    const ServerPlace& place, const std::string& name, const std::string& password, Instant now) {
    THIMBLE_TRY(OpenServer server, open_server(place));
    THIMBLE_TRY(const std::string hash, hash_password(password));
    return server.database.transact(
        [&](store::Connection& connection) -> Result<void> {
            THIMBLE_TRY(const auto account, store::account_of_name(connection, name));
            if (!account) {
                return failure(
                ErrorKind::NotFound,
                "server.no_user",
                "nobody has the name " + name
                    + "; the first start of the server makes \"admin\", `thimble users add` others");
            }
            if (account->disabled_at != Instant{}) {
                return failure(
                    ErrorKind::Conflict,
                    "server.user_disabled",
                    name + " is disabled: thimble users enable " + name);
            }
            THIMBLE_TRY(store::set_password(connection, account->id, hash));
            THIMBLE_TRY(store::append_audit(
                connection,
                {"server", "user.password", account->id, "", "", "set beside the server"},
                now));
            return {};
        });
}

Result<CheckReport> verify_audit_log(const ServerPlace& place, const std::string& head) {
    THIMBLE_TRY(OpenServer server, open_server(place));
    CheckReport report;
    THIMBLE_TRY(look_at_database(server.database, report));
    if (head.empty()) {
        return report;
    }
    THIMBLE_TRY(const NotedHead noted, noted_head_of(head));
    THIMBLE_TRY(const std::string hash, server.database.look([&](store::Connection& connection) {
        return store::audit_hash(connection, noted.sequence);
    }));
    if (hash != noted.hash) {
        return failure(
            ErrorKind::Corrupt,
            "store.broken_chain",
            "the chain holds together, but entry " + std::to_string(noted.sequence)
                + " is not the one that was noted: the log was written anew");
    }
    return report;
}

Result<void> export_audit_log(const ServerPlace& place, std::ostream& out) {
    THIMBLE_TRY(OpenServer server, open_server(place));
    return server.database.look([&](store::Connection& connection) {
        return store::for_each_audit_entry(
            connection, [&](const store::AuditEntry& entry) -> Result<void> {
                out << store::export_line(entry);
                return {};
            });
    });
}

}  // namespace thimble::server
