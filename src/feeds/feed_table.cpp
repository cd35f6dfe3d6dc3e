#include "thimble/feeds/feed_table.hpp"

#include "thimble/feeds/parse_epss.hpp"
#include "thimble/feeds/parse_kev.hpp"
#include "thimble/feeds/parse_osv.hpp"
#include "thimble/feeds/record_text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace thimble::feeds {
namespace {

constexpr std::string_view kOsvFiles[] = {"*.json", "*.zip", "*.tar"};
constexpr std::string_view kOsvMembers[] = {"*.json"};
constexpr std::string_view kKevNames[] = {"cisa-kev"};
constexpr std::string_view kKevFiles[] = {"*known_exploited_vulnerabilities.json"};
constexpr std::string_view kEpssNames[] = {"first-epss"};
constexpr std::string_view kEpssFiles[] = {"*epss_scores-current.csv"};
constexpr std::string_view kEpssMembers[] = {"*.csv"};

constexpr FeedSource kFeeds[] = {
    {"osv", {}, "OSV ecosystem exports", kOsvFiles, kOsvMembers, parse_osv},
    {"kev", kKevNames, "CISA Known Exploited Vulnerabilities", kKevFiles, kKevFiles, parse_kev},
    {"epss", kEpssNames, "FIRST EPSS", kEpssFiles, kEpssMembers, parse_epss},
};

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

bool matches_any(std::span<const std::string_view> patterns, std::string_view text) {
    return std::any_of(patterns.begin(), patterns.end(), [text](std::string_view pattern) {
        return matches(pattern, text);
    });
}

std::string_view without_compression(std::string_view path) {
    for (const std::string_view suffix : {".gz", ".zst", ".xz", ".bz2"}) {
        if (path.ends_with(suffix)) {
            return path.substr(0, path.size() - suffix.size());
        }
    }
    return path;
}

}  // namespace

std::span<const FeedSource> feed_sources() {
    return kFeeds;
}

const FeedSource* feed_named(std::string_view name) {
    const std::string wanted = lower(name);
    for (const FeedSource& feed : kFeeds) {
        if (feed.name == wanted
            || std::find(feed.aliases.begin(), feed.aliases.end(), wanted) != feed.aliases.end()) {
            return &feed;
        }
    }
    return nullptr;
}

bool is_file_of(const FeedSource& feed, std::string_view path) {
    return matches_any(feed.files, without_compression(path));
}

bool is_member_of(const FeedSource& feed, std::string_view name) {
    return matches_any(feed.members, name);
}

}  // namespace thimble::feeds
