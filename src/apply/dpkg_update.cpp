#include "thimble/apply/dpkg_update.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/host/write_all.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::apply {
namespace {

constexpr const char* kFrontendLock = "/var/lib/dpkg/lock-frontend";
constexpr const char* kDatabaseLock = "/var/lib/dpkg/lock";
constexpr const char* kJournal = "/var/lib/dpkg/updates";
constexpr const char* kHalfWritten =
    "tmp.i";                        // dpkg's own name for it, which it cuts the next time
constexpr std::size_t kDigits = 4;  // dpkg wants all names of one length
constexpr std::size_t kMostEntries = 9999;

Result<host::Descriptor> open_root(const std::string& root) {
    host::Descriptor opened(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() < 0) {
        return host::system_error(errno, root);
    }
    return opened;
}

Result<host::Descriptor> take_lock(const host::Descriptor& root, const char* path) {
    THIMBLE_TRY(host::Descriptor file, host::open_beneath(root, path, O_RDWR));
    struct flock wanted{};
    wanted.l_type = F_WRLCK;
    wanted.l_whence = SEEK_SET;
    if (::fcntl(file.number(), F_SETLK, &wanted) != 0) {
        return failure(
            ErrorKind::Conflict,
            "apply.lock_held",
            std::string(path) + " cannot be taken: " + std::strerror(errno));
    }
    return file;
}

Error not_written(const std::string& name) {
    Error error = host::system_error(errno, std::string(kJournal) + "/" + name);
    error.code = "apply.cannot_write";
    return error;
}

Result<void> write_entry(
    const host::Descriptor& folder, const std::string& name, std::string_view stanza) {
    constexpr mode_t kForAll = 0644;
    const host::Descriptor file(::openat(
        folder.number(),
        kHalfWritten,
        O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
        kForAll));
    if (file.number() < 0 || !host::write_all(file.number(), stanza) || ::fsync(file.number()) != 0
        || ::renameat(folder.number(), kHalfWritten, folder.number(), name.c_str()) != 0) {
        return not_written(name);
    }
    return {};
}

}  // namespace

Result<DpkgLocks> DpkgLocks::take(const std::string& root) {
    THIMBLE_TRY(const host::Descriptor opened, open_root(root));
    THIMBLE_TRY(host::Descriptor frontend, take_lock(opened, kFrontendLock));
    THIMBLE_TRY(host::Descriptor database, take_lock(opened, kDatabaseLock));
    return DpkgLocks(std::move(frontend), std::move(database));
}

Result<void> write_dpkg_journal(const std::string& root, std::span<const std::string> stanzas) {
    if (stanzas.size() > kMostEntries) {
        return failure(ErrorKind::Invalid, "apply.cannot_write", "too many entries for dpkg");
    }
    THIMBLE_TRY(const host::Descriptor opened, open_root(root));
    THIMBLE_TRY(
        const host::Descriptor folder,
        host::open_beneath(opened, kJournal, O_RDONLY | O_DIRECTORY));
    for (std::size_t at = 0; at < stanzas.size(); ++at) {
        const std::string number = std::to_string(at);
        THIMBLE_TRY(
            write_entry(folder, std::string(kDigits - number.size(), '0') + number, stanzas[at]));
    }
    return ::fsync(folder.number()) == 0 ? Result<void>() : not_written("");
}

}  // namespace thimble::apply
