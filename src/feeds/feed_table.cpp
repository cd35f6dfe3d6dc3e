#include "thimble/feeds/feed_table.hpp"

#include "thimble/feeds/parse_cve_record.hpp"
#include "thimble/feeds/parse_debian_list.hpp"
#include "thimble/feeds/parse_debian_tracker.hpp"
#include "thimble/feeds/parse_epss.hpp"
#include "thimble/feeds/parse_exploitdb.hpp"
#include "thimble/feeds/parse_kev.hpp"
#include "thimble/feeds/parse_metasploit.hpp"
#include "thimble/feeds/parse_nuclei.hpp"
#include "thimble/feeds/parse_osv.hpp"
#include "thimble/feeds/record_text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace thimble::feeds {
namespace {

constexpr auto kOsvFiles = std::to_array<std::string_view>({"*.json", "*.zip", "*.tar"});
constexpr auto kOsvMembers = std::to_array<std::string_view>({"*.json"});
constexpr auto kKevNames = std::to_array<std::string_view>({"cisa-kev"});
constexpr auto kKevFiles =
    std::to_array<std::string_view>({"*known_exploited_vulnerabilities.json"});
constexpr auto kEpssNames = std::to_array<std::string_view>({"first-epss"});
constexpr auto kEpssFiles = std::to_array<std::string_view>({"*epss_scores-current.csv"});
constexpr auto kEpssMembers = std::to_array<std::string_view>({"*.csv"});

constexpr auto kCveNames =
    std::to_array<std::string_view>({"cve", "cvelist", "cvelistv5", "cve-list", "ssvc"});
constexpr auto kCveFiles = std::to_array<std::string_view>(
    {"*/CVE-*.json", "*vulnrichment*.tar", "*vulnrichment*.zip", "*cvelist*.tar", "*cvelist*.zip"});
constexpr auto kCveMembers = std::to_array<std::string_view>({"*CVE-*.json"});
constexpr auto kTrackerNames =
    std::to_array<std::string_view>({"tracker", "debian", "debian-security-tracker"});
constexpr auto kTrackerFiles = std::to_array<std::string_view>(
    {"*/tracker/json",
     "*/tracker/json.*",
     "*/derived/json*",
     "*/debian-tracker.json",
     "*/debian-tracker/json"});
constexpr auto kTrackerMembers = std::to_array<std::string_view>({"*json*"});
constexpr auto kDsaNames = std::to_array<std::string_view>({"dsa"});
constexpr auto kDsaFiles = std::to_array<std::string_view>({"*/DSA/list", "*/debian-dsa/list"});
constexpr auto kDsaMembers = std::to_array<std::string_view>({"*DSA/list"});
constexpr auto kDlaNames = std::to_array<std::string_view>({"dla"});
constexpr auto kDlaFiles = std::to_array<std::string_view>({"*/DLA/list", "*/debian-dla/list"});
constexpr auto kDlaMembers = std::to_array<std::string_view>({"*DLA/list"});
constexpr auto kMetasploitNames = std::to_array<std::string_view>({"msf"});
constexpr auto kMetasploitFiles = std::to_array<std::string_view>(
    {"*modules_metadata_base.json", "*metasploit*.tar", "*/rapid7/*/CVE-*.json"});
constexpr auto kMetasploitMembers =
    std::to_array<std::string_view>({"*CVE-*.json", "*modules_metadata_base.json"});
constexpr auto kExploitdbNames = std::to_array<std::string_view>({"exploit-db", "edb"});
constexpr auto kExploitdbFiles = std::to_array<std::string_view>(
    {"*files_exploits.csv", "*exploitdb_mapping*.json", "*exploitdb*.csv"});
constexpr auto kExploitdbMembers =
    std::to_array<std::string_view>({"*files_exploits.csv", "*exploitdb_mapping*.json"});
constexpr auto kNucleiNames = std::to_array<std::string_view>({"nuclei-templates"});
constexpr auto kNucleiFiles =
    std::to_array<std::string_view>({"*/cves.json", "*nuclei*cves*.json"});
constexpr auto kNucleiMembers = std::to_array<std::string_view>({"*cves.json"});

constexpr auto kFeeds = std::to_array<FeedSource>({
    {"osv", {}, "OSV ecosystem exports", kOsvFiles, kOsvMembers, parse_osv},
    {"kev", kKevNames, "CISA Known Exploited Vulnerabilities", kKevFiles, kKevFiles, parse_kev},
    {"epss", kEpssNames, "FIRST EPSS scores", kEpssFiles, kEpssMembers, parse_epss},
    {"vulnrichment",
     kCveNames,
     "CISA Vulnrichment, CVE list",
     kCveFiles,
     kCveMembers,
     parse_cve_record},
    {"debian-tracker",
     kTrackerNames,
     "Debian security tracker",
     kTrackerFiles,
     kTrackerMembers,
     parse_debian_tracker},
    {"debian-dsa",
     kDsaNames,
     "Debian security advisories",
     kDsaFiles,
     kDsaMembers,
     parse_debian_dsa},
    {"debian-dla", kDlaNames, "Debian LTS advisories", kDlaFiles, kDlaMembers, parse_debian_dla},
    {"metasploit",
     kMetasploitNames,
     "Metasploit modules",
     kMetasploitFiles,
     kMetasploitMembers,
     parse_metasploit},
    {"exploitdb",
     kExploitdbNames,
     "Exploit-DB",
     kExploitdbFiles,
     kExploitdbMembers,
     parse_exploitdb},
    {"nuclei", kNucleiNames, "nuclei CVE templates", kNucleiFiles, kNucleiMembers, parse_nuclei},
});

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

bool matches_any(std::span<const std::string_view> patterns, std::string_view text) {
    return std::ranges::any_of(
        patterns, [text](std::string_view pattern) { return matches(pattern, text); });
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
        if (feed.name == wanted || std::ranges::find(feed.aliases, wanted) != feed.aliases.end()) {
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
