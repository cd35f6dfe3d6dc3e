#pragma once
/// @file Bounds on what a feed may make us read: all input is hostile until it has been parsed.

#include <cstdint>

namespace thimble::feeds {

/// Every bound is checked before the memory is taken. The defaults leave a factor of four or more
/// over the largest public feed of 2026 (the whole CVE list: 340,000 records, 2.5 GB unpacked).
struct Limits {
    std::uint64_t max_member_bytes = 512ULL << 20U;  ///< one file, or one member of an archive
    std::uint64_t max_total_bytes = 16ULL << 30U;    ///< everything that one feed unpacks to
    std::uint64_t max_ratio = 200;  ///< unpacked : packed, enforced beyond `ratio_free_bytes`
    std::uint64_t ratio_free_bytes = 32ULL << 20U;
    std::uint64_t max_members = 4'000'000;
    std::uint32_t max_depth = 64;              ///< nesting of JSON
    std::uint32_t max_line_bytes = 1U << 20U;  ///< of feeds that are read line by line
};

}  // namespace thimble::feeds
