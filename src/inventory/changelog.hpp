#pragma once
/// @file Debian changelogs: what happened between two versions of a source package.

#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// What the entries between two versions tell.
struct ChangelogFacts {
    std::size_t entries = 0;                   ///< entries with from < version <= to
    std::vector<std::string> vulnerabilities;  ///< CVE ids, sorted, unique
    std::string urgency;                       ///< highest of the entries; empty: none told
    bool operator==(const ChangelogFacts&) const = default;
};

/// Reads the entries newer than `from` and not newer than `to`, by dpkg's order of versions. Entries
/// stand newest first, so reading ends at the first that is not newer than `from`.
/// @source deb-changelog(5)
ChangelogFacts parse_changelog(std::string_view text, std::string_view from, std::string_view to);

/// The texts of NEWS.Debian entries between the two versions, newest first, without their headers
/// and trailers; at most 20 of at most 4,000 bytes each.
std::vector<std::string> parse_news(
    std::string_view text, std::string_view from, std::string_view to);

/// The version of the newest entry; empty when there is none.
std::string newest_changelog_version(std::string_view text);

}  // namespace thimble::inventory
