#pragma once
/// @file Where each feed comes from, and how old it may be: working defaults, changed by feeds.json.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::feeds {

/// One file of a feed.
struct RemoteFile {
    std::string path;     ///< below the feed's data folder, and below a mirror: "Debian/all.zip"
    std::string address;  ///< https, http or file
    bool operator==(const RemoteFile&) const = default;
};

/// Where one feed comes from.
struct FeedSettings {
    std::string name;  ///< of the feed table
    bool enabled = true;
    std::vector<RemoteFile> files;
    /// Other places of the feed's files in a mirror, as patterns of relative paths with `*`; each
    /// file that matches is taken. They count where the mirror has none of `files`.
    std::vector<std::string> mirror_patterns;
    std::chrono::seconds staleness_budget{};  ///< since it was last found good
    /// How much older than that the data's own date may be: a source can have nothing new to say.
    std::chrono::seconds quiet_period{};
    std::uint64_t max_download_bytes = 0;
    bool operator==(const FeedSettings&) const = default;
};

/// Everything the fetcher is told.
struct FetchSettings {
    std::vector<FeedSettings> feeds;
    std::string proxy;  ///< empty: from the environment, as curl has it
    bool operator==(const FetchSettings&) const = default;
};

/// The built-in addresses and budgets of every feed.
/// @param ecosystems  of OSV to keep: "Debian", "Ubuntu", "PyPI" …
FetchSettings default_settings(const std::vector<std::string>& ecosystems);

/// The defaults, changed by a configuration document:
/// {"proxy": "http://…", "osv_ecosystems": ["Debian"],
///  "feeds": {"kev": {"enabled": true, "address": "https://…", "staleness_hours": 48}}}
/// A feed with more than one file takes "{ecosystem}" in its address.
/// @param ecosystems  given on the command line: they win over the document's when not empty
/// @error Invalid "feeds.bad_configuration"  names the key
Result<FetchSettings> settings_from(
    std::string_view json, const std::vector<std::string>& ecosystems);

/// The scheme of an address if it is one of "https", "http", "file"; else "".
std::string_view scheme_of(std::string_view address);

}  // namespace thimble::feeds
