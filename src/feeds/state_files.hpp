#pragma once
/// @file The few things the fetcher does with files: small ones whole, all of them atomically.

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace thimble::feeds {

/// The code of what a full or closed disk makes fail.
inline constexpr const char* kCannotWrite = "feeds.cannot_write";

/// Unavailable kCannotWrite: "PATH cannot be written: No space left on device".
Error cannot_write(const std::filesystem::path& path, int error_number);

/// A whole small file.
/// @error NotFound "feeds.no_file"; Unavailable "feeds.cannot_read", also beyond `limit` bytes
Result<std::string> read_small_file(const std::filesystem::path& file, std::uint64_t limit);

/// Writes a file so that at any instant the old or the new content is there, also after a power cut.
/// @param mode  permission bits of the new file
/// @error Unavailable "feeds.cannot_write"
Result<void> write_atomically(
    const std::filesystem::path& file, std::string_view content, unsigned mode = 0644);

/// Puts a finished file in its place: flushed to disk, renamed, folder flushed.
/// @error Unavailable "feeds.cannot_write"
Result<void> move_into_place(const std::filesystem::path& from, const std::filesystem::path& to);

/// @error Unavailable "feeds.cannot_write"
Result<void> make_folder(const std::filesystem::path& folder);

/// An exclusive lock on a file, held until destruction: one sync at a time.
class FileLock {
public:
    /// @error Conflict "feeds.locked"  another process holds it
    /// @error Unavailable "feeds.cannot_write"
    static Result<FileLock> take(const std::filesystem::path& file);
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock();

private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace thimble::feeds
