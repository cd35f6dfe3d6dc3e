#pragma once
/// @file Walks over the files of a .deb without unpacking it to disk.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::apply {

/// What one of the two tars of a .deb holds at a place.
struct DebEntry {
    std::string path;      ///< absolute, without a slash at its end
    bool is_file = false;  ///< a regular one, and no further name of another
    std::string link;      ///< where a symbolic link points, as written; empty: it is none
};

/// The entries of one tar, in their order, read block by block. Nothing of it is believed: what is
/// damaged, or more than the limits, ends the walk.
/// @source deb(5)
class DebWalk {
public:
    /// @param member    "control.tar" or "data.tar", whatever it is compressed with
    /// @param unpacked  bytes that the tar may have when it is decompressed
    /// @error Corrupt "apply.bad_deb": no .deb, no such member, or damaged
    static Result<DebWalk> open(
        const std::string& path, std::string_view member, std::uint64_t unpacked);
    DebWalk(DebWalk&&) noexcept;
    DebWalk& operator=(DebWalk&&) noexcept;
    DebWalk(const DebWalk&) = delete;
    DebWalk& operator=(const DebWalk&) = delete;
    ~DebWalk();

    /// Calls `take` for each entry until it says that there is nothing more to look for.
    /// @error what `take` gives; Corrupt "apply.bad_deb": damaged, beyond `unpacked` or 2,000,000 entries
    Result<void> each(const std::function<Result<bool>(const DebEntry&)>& take);

    /// The data of the entry that is being taken, piece by piece, until `take` wants no more.
    /// @error Corrupt "apply.bad_deb"
    Result<void> each_piece(const std::function<bool(std::string_view)>& take);

    /// The same as a whole; nothing: it is longer than `limit`.
    /// @error Corrupt "apply.bad_deb"
    Result<std::optional<std::string>> content(std::size_t limit);

private:
    struct Parts;
    explicit DebWalk(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace thimble::apply
