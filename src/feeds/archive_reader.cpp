#include "thimble/feeds/archive_reader.hpp"

#include "thimble/base/utf8.hpp"

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

enum class Packing { None, Zip, Tar, Stream };

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
    if (packing == Packing::Zip) {
        // Seekable only: the streaming reader would take a truncated zip for a short one.
        archive_read_support_format_zip_seekable(handle.get());
        return handle;
    }
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

/// One archive while it is read, with what it may cost.
class Unpacking {
public:
    Unpacking(
        archive* handle, std::uint64_t packed_bytes, const Limits& limits, UnpackedSoFar& so_far)
        : handle_(handle), packed_bytes_(packed_bytes), limits_(limits), so_far_(so_far) {}

    Result<void> run(const MemberVisitor& visitor);

private:
    Result<void> read_entry(archive_entry* entry, const MemberVisitor& visitor);
    Result<void> read_content(const std::string& name);
    Result<void> count(std::uint64_t member_bytes, const std::string& name) const;

    archive* handle_;
    std::uint64_t packed_bytes_;
    const Limits& limits_;
    UnpackedSoFar& so_far_;
    std::uint64_t unpacked_here_ = 0;
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
        THIMBLE_TRY(read_entry(entry, visitor));
    }
}

Result<void> Unpacking::read_entry(archive_entry* entry, const MemberVisitor& visitor) {
    if (++so_far_.members > limits_.max_members) {
        return corrupt(
            "feeds.too_large",
            "the archive has more than " + std::to_string(limits_.max_members) + " members");
    }
    const bool raw = archive_format(handle_) == ARCHIVE_FORMAT_RAW;
    const char* path = archive_entry_pathname(entry);
    const std::string name = raw || path == nullptr ? std::string() : path;
    if (!raw) {
        const std::string refusal =
            path == nullptr ? "has no readable name" : refusal_of_name(name);
        if (!refusal.empty()) {
            return corrupt(
                "feeds.unsafe_archive", "member \"" + printable(name, 100) + "\" " + refusal);
        }
        const auto type = archive_entry_filetype(entry);
        if (type == AE_IFDIR) {
            return {};
        }
        if (type != AE_IFREG || archive_entry_hardlink(entry) != nullptr) {
            return corrupt(
                "feeds.unsafe_archive",
                "member \"" + printable(name, 100) + "\" is a link or device, not a file");
        }
        if (!visitor.wants(name)) {
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
        so_far_.bytes += static_cast<std::uint64_t>(got);
        unpacked_here_ += static_cast<std::uint64_t>(got);
        THIMBLE_TRY(count(text_.view().size(), name));
    }
}

Result<void> Unpacking::count(std::uint64_t member_bytes, const std::string& name) const {
    if (member_bytes > limits_.max_member_bytes) {
        return corrupt(
            "feeds.too_large",
            "member \"" + printable(name, 100) + "\" unpacks to more than "
                + std::to_string(limits_.max_member_bytes) + " bytes");
    }
    if (so_far_.bytes > limits_.max_total_bytes) {
        return corrupt(
            "feeds.too_large",
            "the feed unpacks to more than " + std::to_string(limits_.max_total_bytes) + " bytes");
    }
    if (unpacked_here_ > limits_.ratio_free_bytes
        && unpacked_here_ / limits_.max_ratio > packed_bytes_) {
        return corrupt(
            "feeds.too_large",
            "the archive unpacks to more than " + std::to_string(limits_.max_ratio)
                + " times its size");
    }
    return {};
}

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
    stream.close();
    const ArchivePtr handle = new_archive(packing);
    if (archive_read_open_filename(handle.get(), file.c_str(), kBlockBytes) != ARCHIVE_OK) {
        return corrupt("feeds.bad_archive", "the archive is damaged: " + reason_of(handle.get()));
    }
    return Unpacking(handle.get(), packed_bytes, limits, so_far).run(visitor);
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
    const ArchivePtr handle = new_archive(packing);
    if (archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
        return corrupt("feeds.bad_archive", "the archive is damaged: " + reason_of(handle.get()));
    }
    return Unpacking(handle.get(), bytes.size(), limits, so_far).run(visitor);
}

}  // namespace thimble::feeds
