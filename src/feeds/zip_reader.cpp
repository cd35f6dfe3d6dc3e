#include "thimble/feeds/zip_reader.hpp"

#include <zlib.h>

#include <algorithm>
#include <string>
#include <utility>

namespace thimble::feeds {
namespace {

constexpr std::string_view kEnd = "PK\x05\x06";
constexpr std::string_view kEnd64 = "PK\x06\x06";
constexpr std::string_view kEnd64Locator = "PK\x06\x07";
constexpr std::string_view kDirectoryEntry = "PK\x01\x02";
constexpr std::string_view kLocalHeader = "PK\x03\x04";

constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kLocatorBytes = 20;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kMaxComment = 0xFFFF;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;  // "see the Zip64 field"
constexpr std::size_t kInputBytes = 1U << 18U;

Error damaged(std::string why) {
    return failure(
        ErrorKind::Corrupt, "feeds.bad_archive", "the archive is damaged: " + std::move(why));
}

/// A little-endian number of `count` bytes. The caller has checked that they are there.
std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    }
    return value;
}

Result<std::string_view> read_at(
    const ByteSource& source, std::uint64_t offset, std::uint64_t count) {
    if (count > source.size || offset > source.size - count) {
        return damaged("it is truncated");
    }
    return source.read(offset, static_cast<std::size_t>(count));
}

/// Where the directory is.
struct Directory {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;
};

/// Replaces a directory whose numbers do not fit 32 bits by the one of the Zip64 record.
Result<void> read_directory64(
    const ByteSource& source, std::uint64_t end_offset, Directory& directory) {
    if (end_offset < kLocatorBytes) {
        return damaged("it is truncated");
    }
    THIMBLE_TRY(
        const std::string_view locator, read_at(source, end_offset - kLocatorBytes, kLocatorBytes));
    if (!locator.starts_with(kEnd64Locator)) {
        return {};  // the numbers are just that large
    }
    const std::uint64_t at = number(locator, 8, 8);
    THIMBLE_TRY(const std::string_view end, read_at(source, at, kEnd64Bytes));
    if (!end.starts_with(kEnd64)) {
        return damaged("its Zip64 record is missing");
    }
    directory = {number(end, 48, 8), number(end, 40, 8), number(end, 32, 8)};
    return {};
}

Result<Directory> find_directory(const ByteSource& source) {
    const std::uint64_t tail_bytes = std::min<std::uint64_t>(source.size, kEndBytes + kMaxComment);
    const std::uint64_t tail_offset = source.size - tail_bytes;
    THIMBLE_TRY(const std::string_view tail, read_at(source, tail_offset, tail_bytes));
    const std::size_t at = tail.rfind(kEnd);
    if (at == std::string_view::npos || tail.size() - at < kEndBytes) {
        return damaged("it has no directory; it is truncated");
    }
    const std::string_view end = tail.substr(at);
    Directory directory{number(end, 16, 4), number(end, 12, 4), number(end, 10, 2)};
    const bool is_64 =
        directory.offset == kIn64 || directory.bytes == kIn64 || directory.entries == 0xFFFF;
    if (is_64) {
        THIMBLE_TRY(read_directory64(source, tail_offset + at, directory));
    }
    return directory;
}

/// One member as the directory describes it.
struct Entry {
    std::string name;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t crc = 0;
    std::uint64_t packed = 0;
    std::uint64_t unpacked = 0;
    std::uint64_t header_offset = 0;
    bool is_file = true;
};

/// Sizes that do not fit 32 bits stand in an extra field, in a fixed order, each only where needed.
Result<void> read_extra(std::string_view extra, Entry& entry) {
    constexpr std::uint64_t kZip64Field = 1;
    while (extra.size() >= 4) {
        const std::uint64_t id = number(extra, 0, 2);
        const auto bytes = static_cast<std::size_t>(number(extra, 2, 2));
        if (bytes > extra.size() - 4) {
            return damaged("an extra field is truncated");
        }
        std::string_view field = extra.substr(4, bytes);
        extra.remove_prefix(4 + bytes);
        if (id != kZip64Field) {
            continue;
        }
        for (std::uint64_t* value : {&entry.unpacked, &entry.packed, &entry.header_offset}) {
            if (*value == kIn64 && field.size() >= 8) {
                *value = number(field, 0, 8);
                field.remove_prefix(8);
            }
        }
    }
    return {};
}

/// Reads the entry at `offset`, and moves `offset` behind it.
Result<Entry> read_entry(const ByteSource& source, std::uint64_t& offset) {
    THIMBLE_TRY(const std::string_view fixed, read_at(source, offset, kEntryBytes));
    if (!fixed.starts_with(kDirectoryEntry)) {
        return damaged("its directory is not where it should be");
    }
    Entry entry;
    const std::uint64_t made_by = number(fixed, 5, 1);
    entry.flags = static_cast<std::uint16_t>(number(fixed, 8, 2));
    entry.method = static_cast<std::uint16_t>(number(fixed, 10, 2));
    entry.crc = static_cast<std::uint32_t>(number(fixed, 16, 4));
    entry.packed = number(fixed, 20, 4);
    entry.unpacked = number(fixed, 24, 4);
    const std::uint64_t name_bytes = number(fixed, 28, 2);
    const std::uint64_t extra_bytes = number(fixed, 30, 2);
    const std::uint64_t comment_bytes = number(fixed, 32, 2);
    const std::uint64_t unix_mode = number(fixed, 40, 2);
    entry.header_offset = number(fixed, 42, 4);
    THIMBLE_TRY(
        const std::string_view rest,
        read_at(source, offset + kEntryBytes, name_bytes + extra_bytes));
    entry.name = rest.substr(0, static_cast<std::size_t>(name_bytes));
    THIMBLE_TRY(read_extra(rest.substr(static_cast<std::size_t>(name_bytes)), entry));
    constexpr std::uint64_t kMadeByUnix = 3;
    constexpr std::uint64_t kTypeMask = 0170000;
    constexpr std::uint64_t kRegular = 0100000;
    constexpr std::uint64_t kFolder = 0040000;
    const std::uint64_t type = made_by == kMadeByUnix ? unix_mode & kTypeMask : 0;
    entry.is_file = type == 0 || type == kRegular || type == kFolder;
    offset += kEntryBytes + name_bytes + extra_bytes + comment_bytes;
    return entry;
}

/// Unpacks members, with one decompressor for all of them.
class ZipMembers {
public:
    ZipMembers(const ByteSource& source, ExpansionGuard& guard) : source_(source), guard_(guard) {
        // Negative: no zlib header, as zips have it.
        THIMBLE_CHECK(inflateInit2(&stream_, -MAX_WBITS) == Z_OK);
    }
    ZipMembers(const ZipMembers&) = delete;
    ZipMembers& operator=(const ZipMembers&) = delete;
    ZipMembers(ZipMembers&&) = delete;
    ZipMembers& operator=(ZipMembers&&) = delete;
    ~ZipMembers() { inflateEnd(&stream_); }

    Result<void> unpack(const Entry& entry, PaddedText& text);

private:
    Result<std::uint64_t> content_offset(const Entry& entry) const;
    Result<void> copy(const Entry& entry, std::uint64_t offset, PaddedText& text);
    Result<void> inflate_all(const Entry& entry, std::uint64_t offset, PaddedText& text);
    Result<bool> inflate_piece(const Entry& entry, std::string_view packed, PaddedText& text);

    const ByteSource& source_;
    ExpansionGuard& guard_;
    z_stream stream_{};
};

Result<std::uint64_t> ZipMembers::content_offset(const Entry& entry) const {
    THIMBLE_TRY(const std::string_view local, read_at(source_, entry.header_offset, kLocalBytes));
    if (!local.starts_with(kLocalHeader)) {
        return damaged("a member is not where the directory says");
    }
    return entry.header_offset + kLocalBytes + number(local, 26, 2) + number(local, 28, 2);
}

Result<void> ZipMembers::unpack(const Entry& entry, PaddedText& text) {
    constexpr std::uint16_t kEncrypted = 1;
    constexpr std::uint16_t kStored = 0;
    constexpr std::uint16_t kDeflated = 8;
    if ((entry.flags & kEncrypted) != 0) {
        return damaged("a member is encrypted");
    }
    if (entry.method != kStored && entry.method != kDeflated) {
        return damaged("a member is packed by method " + std::to_string(entry.method));
    }
    text.clear();
    THIMBLE_TRY(const std::uint64_t offset, content_offset(entry));
    THIMBLE_TRY(
        entry.method == kStored ? copy(entry, offset, text) : inflate_all(entry, offset, text));
    const std::string_view content = text.view();
    const auto* bytes = static_cast<const Bytef*>(static_cast<const void*>(content.data()));
    if (content.size() != entry.unpacked || crc32_z(0, bytes, content.size()) != entry.crc) {
        return damaged("a member has another length or checksum than it should");
    }
    return {};
}

Result<void> ZipMembers::copy(const Entry& entry, std::uint64_t offset, PaddedText& text) {
    std::uint64_t left = entry.packed;
    while (left > 0) {
        const std::uint64_t count = std::min<std::uint64_t>(left, kInputBytes);
        THIMBLE_TRY(const std::string_view piece, read_at(source_, offset, count));
        const std::span<char> room = text.spare(piece.size());
        std::ranges::copy(piece, room.begin());
        text.commit(piece.size());
        THIMBLE_TRY(guard_.unpacked(entry.name, text.view().size(), piece.size()));
        offset += count;
        left -= count;
    }
    return {};
}

Result<void> ZipMembers::inflate_all(const Entry& entry, std::uint64_t offset, PaddedText& text) {
    inflateReset(&stream_);
    std::uint64_t left = entry.packed;
    bool ended = false;
    while (left > 0 && !ended) {
        const std::uint64_t count = std::min<std::uint64_t>(left, kInputBytes);
        THIMBLE_TRY(const std::string_view piece, read_at(source_, offset, count));
        THIMBLE_TRY(ended, inflate_piece(entry, piece, text));
        offset += count;
        left -= count;
    }
    return ended ? Result<void>{} : damaged("a member is truncated");
}

/// @return whether the member's end was reached
Result<bool> ZipMembers::inflate_piece(
    const Entry& entry, std::string_view packed, PaddedText& text) {
    // zlib's older interface takes its input as not const, and does not write to it.
    stream_.next_in =
        static_cast<Bytef*>(const_cast<void*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast)
            static_cast<const void*>(packed.data())));
    stream_.avail_in = static_cast<uInt>(packed.size());
    for (;;) {
        constexpr std::size_t kMaxOutput = 1U << 20U;
        constexpr std::size_t kLeastOutput = 4096;
        // The declared length is a hint; memory is taken as the bytes arrive.
        const std::uint64_t hint =
            entry.unpacked + 1 - std::min<std::uint64_t>(text.view().size(), entry.unpacked);
        const std::span<char> room = text.spare(
            static_cast<std::size_t>(std::clamp<std::uint64_t>(hint, kLeastOutput, kMaxOutput)));
        const std::size_t offered = std::min(room.size(), kMaxOutput);
        stream_.next_out = static_cast<Bytef*>(static_cast<void*>(room.data()));
        stream_.avail_out = static_cast<uInt>(offered);
        const int status = inflate(&stream_, Z_NO_FLUSH);
        const std::size_t got = offered - stream_.avail_out;
        text.commit(got);
        THIMBLE_TRY(guard_.unpacked(entry.name, text.view().size(), got));
        if (status == Z_STREAM_END) {
            return true;
        }
        if (status != Z_OK && status != Z_BUF_ERROR) {
            return damaged("a member cannot be unpacked");
        }
        if (stream_.avail_in == 0 && stream_.avail_out > 0) {
            return false;
        }
    }
}

}  // namespace

Result<void> read_zip(
    const ByteSource& source, ExpansionGuard& guard, const MemberVisitor& visitor) {
    THIMBLE_TRY(const Directory directory, find_directory(source));
    if (directory.bytes > source.size || directory.offset > source.size - directory.bytes) {
        return damaged("its directory lies outside of it");
    }
    std::uint64_t offset = directory.offset;
    ZipMembers members(source, guard);
    PaddedText text;
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
        THIMBLE_TRY(guard.begin_member());
        THIMBLE_TRY(const Entry entry, read_entry(source, offset));
        THIMBLE_TRY(ExpansionGuard::check_member(entry.name, entry.is_file));
        if (entry.name.ends_with('/') || !visitor.wants(entry.name)) {
            continue;
        }
        THIMBLE_TRY(members.unpack(entry, text));
        THIMBLE_TRY(visitor.visit(entry.name, text));
    }
    return {};
}

}  // namespace thimble::feeds
