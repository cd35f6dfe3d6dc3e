#pragma once
/// @file Private to this room: what an archive may cost, and which of its members are refused.

#include "thimble/feeds/archive_reader.hpp"

#include <cstdint>
#include <string_view>

namespace thimble::feeds {

/// Holds one archive to the limits of its feed.
class ExpansionGuard {
public:
    ExpansionGuard(std::uint64_t packed_bytes, const Limits& limits, UnpackedSoFar& so_far)
        : packed_bytes_(packed_bytes), limits_(limits), so_far_(so_far) {}

    /// Before a member is looked at.
    Result<void> begin_member();
    /// Whether a file of this name is acceptable; `is_file`: neither link nor device.
    static Result<void> check_member(std::string_view name, bool is_file);
    /// After `added` more bytes of a member, which now has `member_bytes`.
    Result<void> unpacked(std::string_view name, std::uint64_t member_bytes, std::uint64_t added);

private:
    std::uint64_t packed_bytes_;
    const Limits& limits_;
    UnpackedSoFar& so_far_;
    std::uint64_t unpacked_here_ = 0;
};

}  // namespace thimble::feeds
