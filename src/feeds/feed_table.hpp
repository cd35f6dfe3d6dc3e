#pragma once
/// @file Every feed there is: its names, its files, its parser. A new feed is a new parse_x.cpp and
/// one row here.

#include "thimble/feeds/document.hpp"

#include <chrono>
#include <span>
#include <string_view>

namespace thimble::feeds {

/// One feed. Patterns match with `*` for any run of characters; a pattern for files is matched
/// against the whole path, without a suffix of compression, so "*/DSA/list" is one.
struct FeedSource {
    std::string_view name;                      ///< canonical: "debian-dsa"
    std::span<const std::string_view> aliases;  ///< also understood in --feed NAME=PATH
    std::string_view title;                     ///< for people
    std::span<const std::string_view> files;    ///< which files of a directory are the feed's
    std::span<const std::string_view> members;  ///< which members of an archive are
    ParseDocument* parse;
};

/// Every feed, in a fixed order.
std::span<const FeedSource> feed_sources();

/// The feed of this name or alias, without regard to case; nullptr when there is none.
const FeedSource* feed_named(std::string_view name);

/// Whether a file of a directory belongs to the feed.
bool is_file_of(const FeedSource& feed, std::string_view path);
/// Whether a member of an archive does.
bool is_member_of(const FeedSource& feed, std::string_view name);

}  // namespace thimble::feeds
