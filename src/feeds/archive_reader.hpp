#pragma once
/// @file Feed files unpacked in memory, one member at a time: zip, tar, and single files, plain or
/// compressed with gzip, zstd, xz or bzip2. Nothing is ever written to disk.

#include "thimble/feeds/document.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace thimble::feeds {

/// Counts what a whole feed has unpacked to, over all its files.
struct UnpackedSoFar {
    std::uint64_t bytes = 0;
    std::uint64_t members = 0;
};

/// What to do with the members of an archive.
struct MemberVisitor {
    /// Whether the member of this name is wanted; others are skipped. Not asked for single files.
    std::function<bool(std::string_view name)> wants;
    /// Gets each wanted member. The text is reused for the next one.
    /// @return an error to stop with
    std::function<Result<void>(std::string_view name, const PaddedText& text)> visit;
};

/// Reads one file; its kind is told by its first bytes, not by its name.
/// @error NotFound, Denied "feeds.cannot_open"
/// @error Corrupt "feeds.bad_archive"     truncated, damaged or encrypted
/// @error Corrupt "feeds.unsafe_archive"  a member is a link or device, or named outside the archive
/// @error Corrupt "feeds.too_large"       a limit on size, expansion or count is passed
Result<void> read_members(
    const std::filesystem::path& file,
    const Limits& limits,
    UnpackedSoFar& so_far,
    const MemberVisitor& visitor);

/// The same for an archive that is in memory.
Result<void> read_members_of(
    std::string_view bytes,
    const Limits& limits,
    UnpackedSoFar& so_far,
    const MemberVisitor& visitor);

/// Why a member of this name is refused; "" where it is not. Members are only read into memory, but
/// an archive that tries to climb out of a folder is hostile, and its content not to be believed.
std::string refusal_of_name(std::string_view name);

}  // namespace thimble::feeds
