#include "thimble/apply/rpm_archive.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/utf8.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <string_view>

namespace thimble::apply {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10;
constexpr std::size_t kMaxEntries = 2'000'000;

using Reader = std::unique_ptr<archive, int (*)(archive*)>;

Error bad_rpm(const std::string& path, archive* reader) {
    const char* why = archive_error_string(reader);
    return failure(
        ErrorKind::Corrupt,
        "apply.bad_rpm",
        printable(path, 300) + " cannot be read: " + printable(why == nullptr ? "damaged" : why));
}

/// "./etc/t.conf" is /etc/t.conf.
std::string absolute(std::string_view name) {
    if (name.starts_with("./")) {
        name.remove_prefix(1);
    }
    return name.starts_with('/') ? std::string(name) : "/" + std::string(name);
}

}  // namespace

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one loop with the bounds of its members
Result<std::map<std::string, std::string>> read_rpm_contents(
    const std::string& path, const std::set<std::string>& paths, std::size_t limit) {
    std::map<std::string, std::string> contents;
    const Reader reader(archive_read_new(), &archive_read_free);
    archive_read_support_filter_all(reader.get());
    archive_read_support_format_cpio(reader.get());
    if (archive_read_open_filename(reader.get(), path.c_str(), kBlock) != ARCHIVE_OK) {
        return bad_rpm(path, reader.get());
    }
    std::size_t met = 0;
    archive_entry* entry = nullptr;
    for (std::size_t count = 0; met < paths.size(); ++count) {
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF) {
            break;
        }
        if (status < ARCHIVE_WARN || count == kMaxEntries) {
            return bad_rpm(path, reader.get());
        }
        const char* name = archive_entry_pathname(entry);
        const std::string file = absolute(name == nullptr ? "" : name);
        if (!paths.contains(file)) {
            continue;
        }
        ++met;
        const la_int64_t size = archive_entry_size(entry);
        if (archive_entry_filetype(entry) != AE_IFREG || size < 0
            || static_cast<std::size_t>(size) > limit) {
            continue;
        }
        std::string content(static_cast<std::size_t>(size), '\0');
        if (archive_read_data(reader.get(), content.data(), content.size()) != size) {
            return bad_rpm(path, reader.get());
        }
        contents[file] = std::move(content);
    }
    return contents;
}

}  // namespace thimble::apply
