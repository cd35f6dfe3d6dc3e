#include "thimble/store/copy_database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <memory>

namespace thimble::store {
namespace {

struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using DatabasePtr = std::unique_ptr<sqlite3, Close>;

constexpr int kBusyMilliseconds = 10'000;

Error unavailable(const std::filesystem::path& path, const char* why) {
    return failure(ErrorKind::Unavailable, "store.unavailable", path.string() + ": " + why);
}

Result<DatabasePtr> opened(const std::filesystem::path& path, int flags) {
    sqlite3* raw = nullptr;
    const int status = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    DatabasePtr database(raw);
    if (status != SQLITE_OK) {
        return unavailable(path, sqlite3_errstr(status));
    }
    sqlite3_busy_timeout(database.get(), kBusyMilliseconds);
    return database;
}

}  // namespace

Result<void> check_database(Connection& connection) {
    if (connection.kind() != DatabaseAddress::Kind::Sqlite) {
        return {};
    }
    THIMBLE_TRY(const auto rows, connection.query("PRAGMA integrity_check(1)"));
    if (rows.empty() || text_at(rows.front(), 0) != "ok") {
        return failure(
            ErrorKind::Corrupt,
            "store.damaged",
            "the database is damaged: "
                + (rows.empty() ? std::string("no answer") : text_at(rows.front(), 0)));
    }
    return {};
}

Result<void> copy_sqlite(const std::filesystem::path& from, const std::filesystem::path& to) {
    const int file = ::open(to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return unavailable(to, "cannot be created");
    }
    ::close(file);
    THIMBLE_TRY(const DatabasePtr source, opened(from, SQLITE_OPEN_READWRITE));
    THIMBLE_TRY(const DatabasePtr target, opened(to, SQLITE_OPEN_READWRITE));
    sqlite3_backup* backup = sqlite3_backup_init(target.get(), "main", source.get(), "main");
    if (backup == nullptr) {
        return unavailable(to, sqlite3_errmsg(target.get()));
    }
    // In one step: it reads a snapshot of the log, so that writers neither wait nor start it anew.
    const int status = sqlite3_backup_step(backup, -1);
    const int finished = sqlite3_backup_finish(backup);
    if (status != SQLITE_DONE || finished != SQLITE_OK) {
        return unavailable(to, sqlite3_errstr(status));
    }
    return {};
}

}  // namespace thimble::store
