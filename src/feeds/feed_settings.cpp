#include "thimble/feeds/feed_settings.hpp"

#include "thimble/feeds/feed_table.hpp"
#include "thimble/feeds/json_access.hpp"
#include "thimble/feeds/record_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::feeds {
namespace {

using std::chrono::hours;

constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::string_view kPlaceholder = "{ecosystem}";

/// One row of the defaults.
struct Origin {
    std::string_view feed;
    std::string_view path;
    std::string_view address;
    std::array<std::string_view, 3> mirror_patterns;
    hours budget;
    hours quiet;
    std::uint64_t max_mib;
};

constexpr auto kOrigins = std::to_array<Origin>({
    {"osv",
     "{ecosystem}/all.zip",
     "https://osv-vulnerabilities.storage.googleapis.com/{ecosystem}/all.zip",
     {"osv/{ecosystem}.zip", "osv-export-partial/{ecosystem}.zip", ""},
     hours(48),
     hours(168),
     4096},
    {"kev",
     "known_exploited_vulnerabilities.json",
     "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
     {"kev/known_exploited_vulnerabilities.json", "", ""},
     hours(48),
     hours(336),
     64},
    {"epss",
     "epss_scores-current.csv.gz",
     "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
     {"epss/epss_scores-current.csv.gz", "", ""},
     hours(72),
     hours(24),
     256},
    {"vulnrichment",
     "vulnrichment.zip",
     "https://github.com/cisagov/vulnrichment/archive/refs/heads/develop.zip",
     {"vulnrichment/*.tar.zst", "vulnrichment/*.zip", "cvelistV5/*.zip"},
     hours(168),
     hours(72),
     2048},
    {"debian-tracker",
     "tracker/json",
     "https://security-tracker.debian.org/tracker/data/json",
     {"debian/tracker/json*", "debian/derived/json*", ""},
     hours(24),
     hours(72),
     512},
    {"debian-dsa",
     "DSA/list",
     "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DSA/list",
     {"debian/data/DSA/list", "data/DSA/list", ""},
     hours(48),
     hours(336),
     64},
    {"debian-dla",
     "DLA/list",
     "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DLA/list",
     {"debian/data/DLA/list", "data/DLA/list", ""},
     hours(48),
     hours(336),
     64},
    {"metasploit",
     "modules_metadata_base.json",
     "https://raw.githubusercontent.com/rapid7/metasploit-framework/master/db/"
     "modules_metadata_base.json",
     {"exploits/metasploit-*", "exploits/modules_metadata_base.json", ""},
     hours(336),
     hours(720),
     256},
    {"exploitdb",
     "files_exploits.csv",
     "https://gitlab.com/exploit-database/exploitdb/-/raw/main/files_exploits.csv",
     {"exploits/exploitdb_mapping*", "exploits/files_exploits.csv", ""},
     hours(336),
     hours(720),
     256},
    {"nuclei",
     "cves.json",
     "https://raw.githubusercontent.com/projectdiscovery/nuclei-templates/main/cves.json",
     {"exploits/nuclei-cves-*.json", "exploits/cves.json", ""},
     hours(336),
     hours(720),
     64},
});

std::string with_ecosystem(std::string_view text, std::string_view ecosystem) {
    std::string out(text);
    const std::size_t at = out.find(kPlaceholder);
    if (at != std::string::npos) {
        out.replace(at, kPlaceholder.size(), ecosystem);
    }
    return out;
}

/// "Rocky Linux" as an address has it.
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (kPlain.contains(c)) {
            out += c;
        } else {
            out += '%';
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 0xFU];
        }
    }
    return out;
}

/// A mirror on a file system may have underscores for blanks: "Rocky_Linux.zip".
std::string underscored(std::string_view text) {
    std::string out(text);
    std::ranges::replace(out, ' ', '_');
    return out;
}

void set_files(
    FeedSettings& feed,
    const Origin& origin,
    std::string_view address,
    const std::vector<std::string>& ecosystems) {
    feed.files.clear();
    feed.mirror_patterns.clear();
    const bool many = origin.path.contains(kPlaceholder);
    for (const std::string& ecosystem : many ? ecosystems : std::vector<std::string>{""}) {
        feed.files.push_back(
            {with_ecosystem(origin.path, ecosystem),
             with_ecosystem(address, percent_encoded(ecosystem))});
        for (const std::string_view pattern : origin.mirror_patterns) {
            if (!pattern.empty()) {
                feed.mirror_patterns.push_back(with_ecosystem(pattern, underscored(ecosystem)));
            }
        }
    }
}

const Origin& origin_of(std::string_view feed) {
    const auto* const found = std::ranges::find_if(
        kOrigins, [feed](const Origin& origin) { return origin.feed == feed; });
    THIMBLE_CHECK(found != std::end(kOrigins));
    return *found;
}

Error bad(std::string message) {
    return failure(ErrorKind::Invalid, "feeds.bad_configuration", std::move(message));
}

/// "osv_ecosystems": names of OSV that can stand in a path.
Result<std::vector<std::string>> ecosystems_in(JsonValue root) {
    std::vector<std::string> names;
    if (const auto list = member(root, "osv_ecosystems")) {
        for_each_item(*list, [&](JsonValue name) { names.emplace_back(text_or_empty(name)); });
    }
    for (const std::string& name : names) {
        if (name.empty() || name.size() > 64 || name.front() == '.'
            || name.find_first_of("/\\*") != std::string::npos) {
            return bad(R"("osv_ecosystems" has ")" + one_line(name, 40) + "\"");
        }
    }
    return names;
}

Result<void> change_feed(
    FeedSettings& feed, JsonValue changes, const std::vector<std::string>& ecosystems) {
    std::string problem;
    for_each_member(changes, [&](std::string_view key, JsonValue value) {
        bool flag = false;
        std::int64_t count = 0;
        if (key == "enabled" && !value.get_bool().get(flag)) {
            feed.enabled = flag;
        } else if (key == "address" && !scheme_of(text_or_empty(value)).empty()) {
            set_files(feed, origin_of(feed.name), text_or_empty(value), ecosystems);
        } else if (
            key == "staleness_hours" && !value.get_int64().get(count) && count > 0
            && count < 100'000) {
            feed.staleness_budget = hours(count);
        } else {
            problem = R"("feeds".")" + feed.name + "\".\"" + one_line(key, 40)
                + "\" is unknown or has a value that does not fit";
        }
    });
    return problem.empty() ? Result<void>{} : bad(std::move(problem));
}

}  // namespace

std::string_view scheme_of(std::string_view address) {
    for (const std::string_view scheme : {"https", "http", "file"}) {
        if (address.starts_with(scheme) && address.substr(scheme.size()).starts_with("://")
            && address.size() > scheme.size() + 3) {
            return scheme;
        }
    }
    return {};
}

FetchSettings default_settings(const std::vector<std::string>& ecosystems) {
    FetchSettings settings;
    for (const FeedSource& source : feed_sources()) {
        const Origin& origin = origin_of(source.name);
        FeedSettings feed;
        feed.name = source.name;
        feed.staleness_budget = origin.budget;
        feed.quiet_period = origin.quiet;
        feed.max_download_bytes = origin.max_mib * kMiB;
        set_files(feed, origin, origin.address, ecosystems);
        settings.feeds.push_back(std::move(feed));
    }
    return settings;
}

Result<FetchSettings> settings_from(
    std::string_view json, const std::vector<std::string>& ecosystems) {
    JsonScratch scratch;
    const PaddedText text(json);
    const auto root = parse_json(text.view(), ParseContext{"feeds.json", Limits{}, scratch});
    if (!root || !root->is_object()) {
        return bad("the configuration of the feeds is no JSON object");
    }
    THIMBLE_TRY(std::vector<std::string> names, ecosystems_in(*root));
    if (!ecosystems.empty()) {
        names = ecosystems;
    } else if (names.empty()) {
        names = {"Debian"};
    }
    FetchSettings settings = default_settings(names);
    settings.proxy = member_text(*root, "proxy");
    const auto feeds = member(*root, "feeds");
    Result<void> result;
    if (feeds) {
        for_each_member(*feeds, [&](std::string_view name, JsonValue changes) {
            const auto feed = std::ranges::find_if(
                settings.feeds,
                [name](const FeedSettings& candidate) { return candidate.name == name; });
            if (!result) {
                return;
            }
            result = feed == settings.feeds.end()
                ? Result<void>(bad(R"("feeds" has the unknown ")" + one_line(name, 40) + "\""))
                : change_feed(*feed, changes, names);
        });
    }
    THIMBLE_TRY(result);
    return settings;
}

}  // namespace thimble::feeds
