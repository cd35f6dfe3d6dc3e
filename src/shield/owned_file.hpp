#pragma once
/// @file Files of ours among the host's settings: written whole, looked at, removed.

#include "thimble/base/result.hpp"
#include "thimble/shield/control_report.hpp"

#include <string>
#include <string_view>

namespace thimble::shield {

/// A file that is ours alone.
struct OwnedFile {
    std::string path;
    std::string text;
    bool operator==(const OwnedFile&) const = default;
};

/// Makes folders that are not there, readable by anyone.
Result<void> write_owned(const OwnedFile& file);

/// What is not there is removed; so is what a write that was killed has left beside it.
Result<void> remove_owned(const std::string& path);

/// Is it there, with this text.
ControlCheck look_at_owned(const OwnedFile& file);

/// The whole of a small file of the host. @error NotFound, Denied, Invalid
Result<std::string> text_of(const std::string& path);

/// What was written to a file after its first `from` bytes, at most the last 4 MiB; empty: nothing, or it cannot be read.
std::string written_since(const std::string& path, std::size_t from);
/// 0: it is not there.
std::size_t size_of(const std::string& path);

}  // namespace thimble::shield
