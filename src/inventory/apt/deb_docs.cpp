#include "deb_docs.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::inventory::apt {
namespace {

constexpr std::size_t kMaxText = std::size_t{32} << 20;
constexpr std::size_t kMaxStored = std::size_t{8} << 20;  // a text as it is stored, compressed
constexpr std::uint64_t kMaxUnpacked = std::uint64_t{2} << 30;
constexpr int kMaxEntries = 500'000;
constexpr std::size_t kBlock = std::size_t{64} << 10;

struct FreeArchive {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, FreeArchive>;

Error bad_deb(const std::string& path, archive* reader) {
    const char* why = reader == nullptr ? nullptr : archive_error_string(reader);
    return failure(
        ErrorKind::Corrupt,
        "inventory.bad_deb",
        path + " cannot be read" + (why == nullptr ? std::string() : std::string(": ") + why));
}

void support_filters(archive* reader) {
    archive_read_support_filter_gzip(reader);
    archive_read_support_filter_xz(reader);
    archive_read_support_filter_zstd(reader);
    archive_read_support_filter_bzip2(reader);
    archive_read_support_filter_lzma(reader);
}

/// The data of the current entry, or nothing when it is longer than `limit` or damaged.
std::optional<std::string> data_of(archive* reader, std::size_t limit) {
    std::string text;
    std::array<char, kBlock> block{};
    for (;;) {
        const la_ssize_t got = archive_read_data(reader, block.data(), block.size());
        if (got == 0) {
            return text;
        }
        if (got < 0 || text.size() + static_cast<std::size_t>(got) > limit) {
            return std::nullopt;
        }
        text.append(block.data(), static_cast<std::size_t>(got));
    }
}

std::optional<std::string> decompressed(const std::string& bytes) {
    const Reader reader(archive_read_new());
    archive_read_support_format_raw(reader.get());
    archive_read_support_filter_gzip(reader.get());
    archive_entry* entry = nullptr;
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK
        || archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
        return std::nullopt;
    }
    return data_of(reader.get(), kMaxText);
}

/// The data.tar inside the .deb, read through the outer archive block by block.
struct DataMember {
    archive* outer = nullptr;
    std::array<char, kBlock> block{};
    std::uint64_t left = kMaxUnpacked;

    static la_ssize_t read(archive* inner, void* self, const void** bytes) {
        auto& member = *static_cast<DataMember*>(self);
        const la_ssize_t got =
            archive_read_data(member.outer, member.block.data(), member.block.size());
        if (got < 0 || static_cast<std::uint64_t>(got) > member.left) {
            archive_set_error(inner, EIO, "too long or damaged");
            return ARCHIVE_FATAL;
        }
        member.left -= static_cast<std::uint64_t>(got);
        *bytes = member.block.data();
        return got;
    }
};

std::string_view without_dot_slash(const char* path) {
    std::string_view text = path == nullptr ? "" : path;
    while (text.starts_with("./") || text.starts_with('/')) {
        text.remove_prefix(text.front() == '/' ? 1 : 2);
    }
    while (text.ends_with('/')) {
        text.remove_suffix(1);
    }
    return text;
}

/// Picks the documents out of the entries of one data.tar.
class DocsPicker {
public:
    explicit DocsPicker(std::string_view package)
        : folder_("usr/share/doc/" + std::string(package)) {}

    /// @return whether there is more to look for
    bool take(archive* reader, archive_entry* entry) {
        const std::string_view path = without_dot_slash(archive_entry_pathname(entry));
        if (path == folder_ && archive_entry_filetype(entry) == AE_IFLNK) {
            const std::string_view target = without_dot_slash(archive_entry_symlink(entry));
            docs_.link = target.substr(target.rfind('/') + 1);
            return false;
        }
        const bool inside = path.starts_with(folder_ + "/");
        if (inside && archive_entry_filetype(entry) == AE_IFREG) {
            take_file(reader, path.substr(folder_.size() + 1));
        }
        // The entries of a folder stand together.
        const bool left_folder = was_inside_ && !inside;
        was_inside_ = was_inside_ || inside;
        return !left_folder;
    }

    DebDocs finish() {
        if (docs_.changelog.empty()) {
            docs_.changelog = std::move(native_changelog_);
        }
        return std::move(docs_);
    }

private:
    void take_file(archive* reader, std::string_view name) {
        std::string* into = nullptr;
        if (name.starts_with("changelog.Debian") && docs_.changelog.empty()) {
            into = name == "changelog.Debian.gz" || name == "changelog.Debian" ? &docs_.changelog
                                                                               : nullptr;
        } else if (name == "changelog.gz" || name == "changelog") {
            into = &native_changelog_;
        } else if (name == "NEWS.Debian.gz" || name == "NEWS.Debian") {
            into = &docs_.news;
        }
        if (into == nullptr) {
            return;
        }
        auto bytes = data_of(reader, kMaxStored);
        if (bytes && name.ends_with(".gz")) {
            bytes = decompressed(*bytes);
        }
        *into = std::move(bytes).value_or(std::string());
    }

    std::string folder_;
    DebDocs docs_;
    std::string native_changelog_;
    bool was_inside_ = false;
};

/// Moves on to the data.tar of an opened .deb.
bool find_data_member(archive* outer) {
    archive_entry* entry = nullptr;
    for (int members = 0; members < 16; ++members) {
        if (archive_read_next_header(outer, &entry) != ARCHIVE_OK) {
            return false;
        }
        const char* name = archive_entry_pathname(entry);
        if (name != nullptr && std::string_view(name).starts_with("data.tar")) {
            return true;
        }
    }
    return false;
}

}  // namespace

Result<DebDocs> read_deb_docs(const std::string& path, std::string_view package) {
    const Reader outer(archive_read_new());
    archive_read_support_format_ar(outer.get());
    if (archive_read_open_filename(outer.get(), path.c_str(), kBlock) != ARCHIVE_OK
        || !find_data_member(outer.get())) {
        return bad_deb(path, outer.get());
    }
    const auto member = std::make_unique<DataMember>();
    member->outer = outer.get();
    const Reader inner(archive_read_new());
    archive_read_support_format_tar(inner.get());
    support_filters(inner.get());
    if (archive_read_open(inner.get(), member.get(), nullptr, &DataMember::read, nullptr)
        != ARCHIVE_OK) {
        return bad_deb(path, inner.get());
    }
    DocsPicker picker(package);
    archive_entry* entry = nullptr;
    int status = ARCHIVE_OK;
    for (int entries = 0; entries < kMaxEntries; ++entries) {
        status = archive_read_next_header(inner.get(), &entry);
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            break;
        }
        if (!picker.take(inner.get(), entry)) {
            return picker.finish();
        }
    }
    if (status != ARCHIVE_EOF) {
        return bad_deb(path, inner.get());
    }
    return picker.finish();
}

}  // namespace thimble::inventory::apt
