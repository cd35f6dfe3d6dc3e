#include "thimble/apply/deb_walk.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <utility>

namespace thimble::apply {
namespace {

constexpr int kMaxEntries = 2'000'000;
constexpr int kMaxMembers = 16;
constexpr std::size_t kBlock = std::size_t{64} << 10;

struct FreeReader {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, FreeReader>;

Error bad_deb(const std::string& path, archive* reader) {
    const char* why = reader == nullptr ? nullptr : archive_error_string(reader);
    return failure(
        ErrorKind::Corrupt,
        "apply.bad_deb",
        path + " is no sound archive" + (why == nullptr ? std::string() : std::string(": ") + why));
}

/// The member as it is stored, read through the outer archive block by block.
struct Stored {
    archive* outer = nullptr;
    std::array<char, kBlock> block{};

    static la_ssize_t read(archive* /*inner*/, void* self, const void** bytes) {
        auto& stored = *static_cast<Stored*>(self);
        *bytes = stored.block.data();
        const la_ssize_t got =
            archive_read_data(stored.outer, stored.block.data(), stored.block.size());
        return got < 0 ? ARCHIVE_FATAL : got;
    }
};

bool find_member(archive* outer, std::string_view member) {
    archive_entry* entry = nullptr;
    for (int members = 0; members < kMaxMembers; ++members) {
        if (archive_read_next_header(outer, &entry) != ARCHIVE_OK) {
            return false;
        }
        const char* name = archive_entry_pathname(entry);
        if (name != nullptr && std::string_view(name).starts_with(member)) {
            return true;
        }
    }
    return false;
}

/// "./usr/x", "/usr/x/" and "usr/x" are "/usr/x".
std::string absolute_path(const char* path) {
    std::string_view text = path == nullptr ? "" : path;
    while (text.starts_with("./") || text.starts_with('/')) {
        text.remove_prefix(text.front() == '/' ? 1 : 2);
    }
    while (text.ends_with('/')) {
        text.remove_suffix(1);
    }
    return "/" + std::string(text);
}

DebEntry entry_of(archive_entry* entry) {
    const char* const link = archive_entry_symlink(entry);
    return {
        .path = absolute_path(archive_entry_pathname(entry)),
        .is_file =
            archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr,
        .link = archive_entry_filetype(entry) == AE_IFLNK && link != nullptr ? link : ""};
}

}  // namespace

struct DebWalk::Parts {
    std::string path;
    std::uint64_t unpacked = 0;
    Reader outer{archive_read_new()};
    Stored stored;
    Reader inner{archive_read_new()};  // goes before what it reads from

    /// Whether all up to the end of `entry` is within the limit. Asked before its data is read or
    /// passed over: either decompresses it.
    bool is_within_limit(archive_entry* entry) const {
        const la_int64_t before = archive_filter_bytes(inner.get(), 0);
        const la_int64_t size = archive_entry_size(entry);
        return before >= 0 && size >= 0 && static_cast<std::uint64_t>(before) <= unpacked
            && static_cast<std::uint64_t>(size) <= unpacked - static_cast<std::uint64_t>(before);
    }
};

DebWalk::DebWalk(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
DebWalk::DebWalk(DebWalk&&) noexcept = default;
DebWalk& DebWalk::operator=(DebWalk&&) noexcept = default;
DebWalk::~DebWalk() = default;

Result<DebWalk> DebWalk::open(
    const std::string& path, std::string_view member, std::uint64_t unpacked) {
    auto parts = std::make_unique<Parts>();
    parts->path = path;
    parts->unpacked = unpacked;
    parts->stored.outer = parts->outer.get();
    archive_read_support_format_ar(parts->outer.get());
    if (archive_read_open_filename(parts->outer.get(), path.c_str(), kBlock) != ARCHIVE_OK
        || !find_member(parts->outer.get(), member)) {
        return bad_deb(path, parts->outer.get());
    }
    archive* const inner = parts->inner.get();
    archive_read_support_format_tar(inner);
    archive_read_support_filter_gzip(inner);
    archive_read_support_filter_xz(inner);
    archive_read_support_filter_zstd(inner);
    archive_read_support_filter_bzip2(inner);
    archive_read_support_filter_lzma(inner);
    if (archive_read_open(inner, &parts->stored, nullptr, &Stored::read, nullptr) != ARCHIVE_OK) {
        return bad_deb(path, inner);
    }
    return DebWalk(std::move(parts));
}

Result<void> DebWalk::each(const std::function<Result<bool>(const DebEntry&)>& take) {
    archive* const inner = parts_->inner.get();
    archive_entry* entry = nullptr;
    for (int entries = 0; entries < kMaxEntries; ++entries) {
        const int status = archive_read_next_header(inner, &entry);
        if (status == ARCHIVE_EOF) {
            return {};
        }
        if ((status != ARCHIVE_OK && status != ARCHIVE_WARN) || !parts_->is_within_limit(entry)) {
            return bad_deb(parts_->path, inner);
        }
        THIMBLE_TRY(const bool more, take(entry_of(entry)));
        if (!more) {
            return {};
        }
    }
    return bad_deb(parts_->path, nullptr);
}

Result<void> DebWalk::each_piece(const std::function<bool(std::string_view)>& take) {
    std::array<char, kBlock> block{};
    for (;;) {
        const la_ssize_t got = archive_read_data(parts_->inner.get(), block.data(), block.size());
        if (got < 0) {
            return bad_deb(parts_->path, parts_->inner.get());
        }
        if (got == 0 || !take({block.data(), static_cast<std::size_t>(got)})) {
            return {};
        }
    }
}

Result<std::optional<std::string>> DebWalk::content(std::size_t limit) {
    std::optional<std::string> text("");
    THIMBLE_TRY(each_piece([&](std::string_view piece) {
        if (piece.size() > limit - text->size()) {
            text.reset();
            return false;
        }
        *text += piece;
        return true;
    }));
    return text;
}

}  // namespace thimble::apply
