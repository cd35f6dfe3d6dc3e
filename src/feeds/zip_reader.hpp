#pragma once
/// @file Private to this room: zip files, as exports of 100,000 small records are packed.
///
/// libarchive reads zips too, but spends ten microseconds a member on what no feed needs (wide
/// names, local time: a stat of /etc/localtime each); see docs of this room's benchmark.

#include "thimble/feeds/expansion_guard.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace thimble::feeds {

/// Bytes that can be read anywhere. What `read` returns is valid until its next call.
struct ByteSource {
    std::uint64_t size = 0;
    /// Exactly `count` bytes from `offset`, which lie within `size`.
    std::function<Result<std::string_view>(std::uint64_t offset, std::size_t count)> read;
};

/// Hands every wanted member of a zip to the visitor, in the order of its directory.
/// @error Corrupt "feeds.bad_archive"  truncated, damaged, encrypted, or packed in a way but deflate
/// @error Corrupt "feeds.unsafe_archive", "feeds.too_large" as read_members
/// @source PKWARE APPNOTE 6.3, with Zip64; RFC 1951
Result<void> read_zip(
    const ByteSource& source, ExpansionGuard& guard, const MemberVisitor& visitor);

}  // namespace thimble::feeds
