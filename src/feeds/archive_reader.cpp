#include "thimble/feeds/archive_reader.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/feeds/expansion_guard.hpp"
#include "thimble/feeds/zip_reader.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 1U << 18U;
constexpr std::size_t kFirstSpareBytes = 1U << 16U;
constexpr std::size_t kMagicBytes = 512;

enum class Packing : std::uint8_t { None, Zip, Tar, Stream };

struct FreeArchive {
    void operator()(archive* handle) const { archive_read_free(handle); }
};
using ArchivePtr = std::unique_ptr<archive, FreeArchive>;

Error corrupt(std::string code, std::string message) {
    return failure(ErrorKind::Corrupt, std::move(code), std::move(message));
}

Packing packing_of(std::string_view head) {
    constexpr std::size_t kTarMagicAt = 257;
    if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) {
        return Packing::Zip;
    }
    if (head.starts_with("\x1f\x8b") || head.starts_with("\x28\xb5\x2f\xfd")
        || head.starts_with("\xfd"
                            "7zXZ")
        || head.starts_with("BZh")) {
        return Packing::Stream;
    }
    if (head.size() > kTarMagicAt && head.substr(kTarMagicAt).starts_with("ustar")) {
        return Packing::Tar;
    }
    return Packing::None;
}

/// Only what feeds come in: each further format of libarchive would be attack surface.
ArchivePtr new_archive(Packing packing) {
    ArchivePtr handle(archive_read_new());
    THIMBLE_CHECK(handle != nullptr);
    archive_read_support_format_tar(handle.get());
    if (packing == Packing::Stream) {
        archive_read_support_format_raw(handle.get());
        archive_read_support_filter_gzip(handle.get());
        archive_read_support_filter_zstd(handle.get());
        archive_read_support_filter_xz(handle.get());
        archive_read_support_filter_bzip2(handle.get());
    }
    return handle;
}

std::string reason_of(archive* handle) {
    const char* text = archive_error_string(handle);
    return printable(text != nullptr ? text : "unknown error", 200);
}

/// One tar or compressed file while it is read.
class Unpacking {
public:
    Unpacking(archive* handle, ExpansionGuard& guard) : handle_(handle), guard_(guard) {}

    Result<void> run(const MemberVisitor& visitor);

private:
    Result<void> read_entry(archive_entry* entry, const MemberVisitor& visitor);
    Result<void> read_content(const std::string& name);

    archive* handle_;
    ExpansionGuard& guard_;
    PaddedText text_;
};

Result<void> Unpacking::run(const MemberVisitor& visitor) {
    for (;;) {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(handle_, &entry);
        if (status == ARCHIVE_EOF) {
            return {};
        }
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            return corrupt("feeds.bad_archive", "the archive is damaged: " + reason_of(handle_));
        }
        THIMBLE_TRY(guard_.begin_member());
        THIMBLE_TRY(read_entry(entry, visitor));
    }
}

Result<void> Unpacking::read_entry(archive_entry* entry, const MemberVisitor& visitor) {
    const bool raw = archive_format(handle_) == ARCHIVE_FORMAT_RAW;
    const char* path = archive_entry_pathname(entry);
    const std::string name = raw || path == nullptr ? std::string() : path;
    if (!raw) {
        const auto type = archive_entry_filetype(entry);
        const bool is_file =
            (type == AE_IFREG && archive_entry_hardlink(entry) == nullptr) || type == AE_IFDIR;
        THIMBLE_TRY(ExpansionGuard::check_member(name, is_file));
        if (type == AE_IFDIR || !visitor.wants(name)) {
            return {};
        }
    }
    THIMBLE_TRY(read_content(name));
    return visitor.visit(name, text_);
}

Result<void> Unpacking::read_content(const std::string& name) {
    text_.clear();
    for (;;) {
        // The declared size is the archive's word only: memory is taken as the bytes arrive.
        const std::span<char> room = text_.spare(kFirstSpareBytes);
        const la_ssize_t got = archive_read_data(handle_, room.data(), room.size());
        if (got < 0) {
            return corrupt("feeds.bad_archive", "the archive is damaged: " + reason_of(handle_));
        }
        if (got == 0) {
            return {};
        }
        text_.commit(static_cast<std::size_t>(got));
        THIMBLE_TRY(guard_.unpacked(name, text_.view().size(), static_cast<std::uint64_t>(got)));
    }
}

/// A file of which pieces are read, the next ones along with them. Two windows, since a zip is read
/// in two places by turns: at its directory and at its members.
class FileWindows {
public:
    FileWindows(std::ifstream& file, std::uint64_t size) : file_(file), size_(size) {}

    Result<std::string_view> read(std::uint64_t offset, std::size_t count) {
        for (const bool other : {false, true}) {
            const std::size_t candidate = other ? 1 - last_used_ : last_used_;
            if (windows_.at(candidate).holds(offset, count)) {
                last_used_ = candidate;
                return windows_.at(candidate).at(offset, count);
            }
        }
        last_used_ = 1 - last_used_;
        THIMBLE_TRY(fill(windows_.at(last_used_), offset, count));
        return windows_.at(last_used_).at(offset, count);
    }

private:
    struct Window {
        std::uint64_t begin = 0;
        std::string bytes;

        [[nodiscard]] bool holds(std::uint64_t offset, std::size_t count) const {
            return offset >= begin && offset + count <= begin + bytes.size();
        }
        [[nodiscard]] std::string_view at(std::uint64_t offset, std::size_t count) const {
            return std::string_view(bytes).substr(static_cast<std::size_t>(offset - begin), count);
        }
    };

    Result<void> fill(Window& window, std::uint64_t offset, std::size_t count) {
        const auto length = static_cast<std::size_t>(
            std::min<std::uint64_t>(std::max(count, kBlockBytes), size_ - offset));
        window.bytes.resize(length);
        window.begin = offset;
        file_.clear();
        file_.seekg(static_cast<std::streamoff>(offset));
        file_.read(window.bytes.data(), static_cast<std::streamsize>(length));
        if (static_cast<std::size_t>(file_.gcount()) != length) {
            window.bytes.clear();
            return failure(ErrorKind::Unavailable, "feeds.cannot_read", "the file cannot be read");
        }
        return {};
    }

    std::ifstream& file_;
    std::uint64_t size_;
    std::array<Window, 2> windows_;
    std::size_t last_used_ = 0;
};

Result<void> read_plain(
    std::ifstream& file,
    const Limits& limits,
    UnpackedSoFar& so_far,
    const MemberVisitor& visitor) {
    PaddedText text;
    while (file) {
        const std::span<char> room = text.spare(kBlockBytes);
        file.read(room.data(), static_cast<std::streamsize>(room.size()));
        const auto got = static_cast<std::size_t>(file.gcount());
        text.commit(got);
        so_far.bytes += got;
        if (text.view().size() > limits.max_member_bytes || so_far.bytes > limits.max_total_bytes) {
            return corrupt(
                "feeds.too_large",
                "the file has more than "
                    + std::to_string(std::min(limits.max_member_bytes, limits.max_total_bytes))
                    + " bytes");
        }
    }
    if (file.bad()) {
        return failure(ErrorKind::Unavailable, "feeds.cannot_read", "the file cannot be read");
    }
    ++so_far.members;
    return visitor.visit({}, text);
}

}  // namespace

std::string refusal_of_name(std::string_view name) {
    if (name.empty()) {
        return "has an empty name";
    }
    if (name.front() == '/' || name.front() == '\\' || (name.size() > 1 && name[1] == ':')) {
        return "has an absolute path; members are never written to disk, and this one is refused";
    }
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find_first_of("/\\", begin), name.size());
        if (name.substr(begin, end - begin) == "..") {
            return "has \"..\" in its path; members are never written to disk, and this one is "
                   "refused";
        }
        begin = end + 1;
    }
    return {};
}

Result<void> read_members(
    const fs::path& file,
    const Limits& limits,
    UnpackedSoFar& so_far,
    const MemberVisitor& visitor) {
    std::ifstream stream(file, std::ios::binary);
    std::error_code status;
    const std::uint64_t packed_bytes = fs::file_size(file, status);
    if (!stream || status) {
        const bool missing = !fs::exists(file, status);
        return failure(
            missing ? ErrorKind::NotFound : ErrorKind::Denied,
            "feeds.cannot_open",
            file.string() + (missing ? " is not there" : " cannot be opened"));
    }
    std::array<char, kMagicBytes> head{};
    stream.read(head.data(), head.size());
    const Packing packing = packing_of({head.data(), static_cast<std::size_t>(stream.gcount())});
    if (packing == Packing::None) {
        stream.clear();
        stream.seekg(0);
        return read_plain(stream, limits, so_far, visitor);
    }
    ExpansionGuard guard(packed_bytes, limits, so_far);
    if (packing == Packing::Zip) {
        FileWindows windows(stream, packed_bytes);
        const ByteSource source{packed_bytes, [&](std::uint64_t offset, std::size_t count) {
                                    return windows.read(offset, count);
                                }};
        return read_zip(source, guard, visitor);
    }
    stream.close();
    const ArchivePtr handle = new_archive(packing);
    if (archive_read_open_filename(handle.get(), file.c_str(), kBlockBytes) != ARCHIVE_OK) {
        return corrupt("feeds.bad_archive", "the archive is damaged: " + reason_of(handle.get()));
    }
    return Unpacking(handle.get(), guard).run(visitor);
}

Result<void> read_members_of(
    std::string_view bytes,
    const Limits& limits,
    UnpackedSoFar& so_far,
    const MemberVisitor& visitor) {
    const Packing packing = packing_of(bytes.substr(0, kMagicBytes));
    if (packing == Packing::None) {
        ++so_far.members;
        so_far.bytes += bytes.size();
        return visitor.visit({}, PaddedText(bytes));
    }
    ExpansionGuard guard(bytes.size(), limits, so_far);
    if (packing == Packing::Zip) {
        const ByteSource source{bytes.size(), [bytes](std::uint64_t offset, std::size_t count) {
                                    return Result<std::string_view>(
                                        bytes.substr(static_cast<std::size_t>(offset), count));
                                }};
        return read_zip(source, guard, visitor);
    }
    const ArchivePtr handle = new_archive(packing);
    if (archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
        return corrupt("feeds.bad_archive", "the archive is damaged: " + reason_of(handle.get()));
    }
    return Unpacking(handle.get(), guard).run(visitor);
}

}  // namespace thimble::feeds
