#pragma once
/// @file One feed from local files into a sink: what the catalog compiler and the fetcher both use.

#include "thimble/feeds/feed_table.hpp"
#include "thimble/feeds/sink.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace thimble::feeds {

/// What a feed was made of.
struct ReadSummary {
    std::uint64_t records = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;        ///< unpacked
    std::optional<Instant> newest;  ///< the feed's own date, else that of its newest record
};

/// Reads a file (plain, compressed, zip or tar, told by its first bytes) or a directory (every file
/// of the feed in it and below, in the order of their paths).
/// @param sink  gets the records; on an error it has part of them and is to be thrown away
/// @error Corrupt "feeds.no_records"  nothing could be read: it is not this feed
/// @error as read_members and the feed's parser
/// @cost linear in the unpacked bytes; memory for the largest member, and the JSON tree of it
Result<ReadSummary> read_feed(
    const FeedSource& feed,
    const std::filesystem::path& path,
    Sink& sink,
    const Limits& limits = {});

}  // namespace thimble::feeds
