#include "thimble/server/backup_archive.hpp"

#include "thimble/server/open_file.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace thimble::server {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> kNames{
    "thimble.db",
    "keys/authority.crt",
    "keys/authority.key",
    "keys/deployment.key",
    "keys/server.crt",
    "keys/server.key"};
constexpr std::int64_t kMaxBytes = std::int64_t{64} << 30U;
constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;

struct FreeWriter {
    void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeReader {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
struct FreeEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Writer = std::unique_ptr<archive, FreeWriter>;
using Reader = std::unique_ptr<archive, FreeReader>;

Error cannot_write(const fs::path& file, const std::string& why) {
    return failure(ErrorKind::Unavailable, "server.cannot_write", file.string() + ": " + why);
}

Error bad_backup(const std::string& why) {
    return failure(ErrorKind::Corrupt, "server.bad_backup", why);
}

Result<void> write_file(archive* writer, const fs::path& source, const std::string& name) {
    const OpenFile in(::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat info{};
    if (in.number() < 0 || ::fstat(in.number(), &info) != 0) {
        return cannot_write(source, std::strerror(errno));
    }
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_size(entry.get(), info.st_size);
    if (archive_write_header(writer, entry.get()) != ARCHIVE_OK) {
        return cannot_write(name, archive_error_string(writer));
    }
    std::vector<char> block(kBlockBytes);
    for (;;) {
        const ssize_t got = ::read(in.number(), block.data(), block.size());
        if (got < 0) {
            return cannot_write(source, std::strerror(errno));
        }
        if (got == 0) {
            return {};
        }
        if (archive_write_data(writer, block.data(), static_cast<std::size_t>(got)) != got) {
            return cannot_write(name, "the archive took less than was given");
        }
    }
}

Result<void> write_all(
    int out, const fs::path& file, const fs::path& database, const fs::path& keys) {
    const Writer writer(archive_write_new());
    if (archive_write_set_format_pax_restricted(writer.get()) != ARCHIVE_OK
        || archive_write_open_fd(writer.get(), out) != ARCHIVE_OK) {
        return cannot_write(file, archive_error_string(writer.get()));
    }
    for (const std::string_view name : kNames) {
        const fs::path source =
            name.starts_with("keys/") ? keys / name.substr(5) : fs::path(database);
        THIMBLE_TRY(write_file(writer.get(), source, std::string(name)));
    }
    if (archive_write_close(writer.get()) != ARCHIVE_OK || ::fsync(out) != 0) {
        return cannot_write(file, "the end could not be written");
    }
    return {};
}

Result<void> unpack(archive* reader, const fs::path& target) {
    const OpenFile out(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (out.number() < 0) {
        return cannot_write(target, std::strerror(errno));
    }
    std::vector<char> block(kBlockBytes);
    std::int64_t total = 0;
    for (;;) {
        const la_ssize_t got = archive_read_data(reader, block.data(), block.size());
        if (got < 0) {
            return bad_backup("the backup ends too early, or is damaged");
        }
        total += got;
        if (total > kMaxBytes) {
            return bad_backup("a file of the backup is larger than 64 GiB");
        }
        if (got == 0) {
            break;
        }
        if (::write(out.number(), block.data(), static_cast<std::size_t>(got)) != got) {
            return cannot_write(target, "the disk took less than was given");
        }
    }
    return ::fsync(out.number()) == 0 ? Result<void>() : cannot_write(target, std::strerror(errno));
}

}  // namespace

Result<void> write_backup(const fs::path& file, const fs::path& database, const fs::path& keys) {
    const OpenFile out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (out.number() < 0 && errno == EEXIST) {
        return failure(
            ErrorKind::Conflict, "server.file_exists", file.string() + " is there already");
    }
    if (out.number() < 0) {
        return cannot_write(file, std::strerror(errno));
    }
    auto written = write_all(out.number(), file, database, keys);
    if (!written) {
        ::unlink(file.c_str());  // half a backup would look like one
    }
    return written;
}

Result<void> read_backup(const fs::path& file, const fs::path& folder) {
    const Reader reader(archive_read_new());
    archive_read_support_format_tar(reader.get());
    if (archive_read_open_filename(reader.get(), file.c_str(), kBlockBytes) != ARCHIVE_OK) {
        return bad_backup(file.string() + " is no backup of a server");
    }
    std::set<std::string> seen;
    for (;;) {
        archive_entry* entry = nullptr;
        const int got = archive_read_next_header(reader.get(), &entry);
        if (got == ARCHIVE_EOF) {
            break;
        }
        const char* name = got == ARCHIVE_OK ? archive_entry_pathname(entry) : nullptr;
        if (name == nullptr || std::ranges::find(kNames, std::string_view(name)) == kNames.end()
            || archive_entry_filetype(entry) != AE_IFREG || !seen.insert(name).second) {
            return bad_backup(file.string() + " holds what no backup of a server holds");
        }
        THIMBLE_TRY(unpack(reader.get(), folder / name));
    }
    if (seen.size() != kNames.size()) {
        return bad_backup(file.string() + " lacks a file");
    }
    return {};
}

}  // namespace thimble::server
