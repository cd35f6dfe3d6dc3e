#include "deb_docs.hpp"

#include "thimble/apply/deb_walk.hpp"
#include "thimble/base/result.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
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
constexpr std::size_t kBlock = std::size_t{64} << 10;

struct FreeArchive {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, FreeArchive>;

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

/// Picks the documents out of the entries of one data.tar.
class DocsPicker {
public:
    explicit DocsPicker(std::string_view package)
        : folder_("/usr/share/doc/" + std::string(package)) {}

    /// @return whether there is more to look for
    Result<bool> take(apply::DebWalk& walk, const apply::DebEntry& entry) {
        const std::string_view path = entry.path;
        if (path == folder_ && !entry.link.empty()) {
            std::string_view target = entry.link;
            while (target.ends_with('/')) {
                target.remove_suffix(1);
            }
            docs_.link = target.substr(target.rfind('/') + 1);
            return false;
        }
        const bool inside = path.starts_with(folder_ + "/");
        if (inside && entry.is_file) {
            THIMBLE_TRY(take_file(walk, path.substr(folder_.size() + 1)));
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
    Result<void> take_file(apply::DebWalk& walk, std::string_view name) {
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
            return {};
        }
        THIMBLE_TRY(auto bytes, walk.content(kMaxStored));
        if (bytes && name.ends_with(".gz")) {
            bytes = decompressed(*bytes);
        }
        *into = std::move(bytes).value_or(std::string());
        return {};
    }

    std::string folder_;
    DebDocs docs_;
    std::string native_changelog_;
    bool was_inside_ = false;
};

}  // namespace

Result<DebDocs> read_deb_docs(const std::string& path, std::string_view package) {
    THIMBLE_TRY(auto walk, apply::DebWalk::open(path, "data.tar", kMaxUnpacked));
    DocsPicker picker(package);
    THIMBLE_TRY(walk.each([&](const apply::DebEntry& entry) { return picker.take(walk, entry); }));
    return picker.finish();
}

}  // namespace thimble::inventory::apt
