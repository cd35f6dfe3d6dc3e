#pragma once
/// @file A directory in which a feed's files stand: a copy of the public places, or any other layout.

#include "thimble/feeds/feed_settings.hpp"
#include "thimble/feeds/limits.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace thimble::feeds {

/// The local path of a `file://` address, percent signs decoded.
/// @error Invalid "feeds.bad_address"  no file address, or one with a host
Result<std::filesystem::path> path_of_file_address(std::string_view address);

/// The feed's files in a mirror, as paths relative to it, sorted: under their public names where the
/// mirror has these, else all that match the feed's patterns.
/// @error NotFound "feeds.not_in_mirror"; Denied "feeds.cannot_open"
Result<std::vector<std::string>> files_in_mirror(
    const FeedSettings& feed, const std::filesystem::path& mirror, const Limits& limits);

}  // namespace thimble::feeds
