#pragma once
/// @file Brings the local copy of the feeds up to date, and never makes it worse.

#include "thimble/base/instant.hpp"
#include "thimble/feeds/download.hpp"
#include "thimble/feeds/feed_settings.hpp"
#include "thimble/feeds/feed_state.hpp"
#include "thimble/feeds/limits.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::feeds {

/// What to bring up to date, from where to where.
struct SyncRequest {
    std::filesystem::path state;
    std::vector<FeedSettings> feeds;
    /// Take the files from this directory and not from their addresses.
    std::optional<std::filesystem::path> mirror;
    DownloadSettings download;
    Limits limits;
    /// Hears what is begun, in words, where nothing is received meanwhile; may be empty.
    std::function<void(std::string_view what)> begun;
};

/// What became of one feed.
struct FeedSync {
    FeedState state;
    bool changed = false;              ///< a new file is in force
    std::uint64_t records_before = 0;  ///< in force when the sync began
    std::optional<Error> error;        ///< why something of it could not be brought up to date
};

/// Fetches, verifies by reading every record, and only then puts into force. A file that cannot be
/// fetched or read leaves the last good one where it is; the state says so. When all of a feed's
/// files are good, files that no longer belong to it are removed.
/// @return one result per feed, in the order of the request
/// @error Conflict "feeds.locked"  another sync or import is running
/// @error Unavailable "feeds.cannot_write"
Result<std::vector<FeedSync>> sync_feeds(
    const SyncRequest& request, const Clock& clock, const DownloadProgress& progress);

/// Reads a file as the feed does and describes it; `path`, `address` and dates of transfer are the
/// caller's to fill in.
/// @error as read_feed
Result<FileState> verify_file(
    std::string_view feed, const std::filesystem::path& file, const Limits& limits);

/// Removes every file below a feed's data folder that its state does not list, since it would be read
/// with the rest, and what transfers left behind.
void remove_unlisted(const std::filesystem::path& state, const FeedState& feed);

}  // namespace thimble::feeds
