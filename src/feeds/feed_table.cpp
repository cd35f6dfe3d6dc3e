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

constexpr std::string_view kOsvFiles[] = {"*.json", "*.zip", "*.tar"};
constexpr std::string_view kOsvMembers[] = {"*.json"};
constexpr std::string_view kKevNames[] = {"cisa-kev"};
constexpr std::string_view kKevFiles[] = {"*known_exploited_vulnerabilities.json"};
constexpr std::string_view kEpssNames[] = {"first-epss"};
constexpr std::string_view kEpssFiles[] = {"*epss_scores-current.csv"};
constexpr std::string_view kEpssMembers[] = {"*.csv"};

constexpr std::string_view kCveNames[] = {"cve", "cvelist", "cvelistv5", "cve-list", "ssvc"};
constexpr std::string_view kCveFiles[] = {
    "*/CVE-*.json", "*vulnrichment*.tar", "*vulnrichment*.zip", "*cvelist*.tar", "*cvelist*.zip"};
constexpr std::string_view kCveMembers[] = {"*CVE-*.json"};
constexpr std::string_view kTrackerNames[] = {"tracker", "debian", "debian-security-tracker"};
constexpr std::string_view kTrackerFiles[] = {
    "*/tracker/json",
    "*/tracker/json.*",
    "*/derived/json*",
    "*/debian-tracker.json",
    "*/debian-tracker/json"};
constexpr std::string_view kTrackerMembers[] = {"*json*"};
constexpr std::string_view kDsaNames[] = {"dsa"};
constexpr std::string_view kDsaFiles[] = {"*/DSA/list", "*/debian-dsa/list"};
constexpr std::string_view kDsaMembers[] = {"*DSA/list"};
constexpr std::string_view kDlaNames[] = {"dla"};
constexpr std::string_view kDlaFiles[] = {"*/DLA/list", "*/debian-dla/list"};
constexpr std::string_view kDlaMembers[] = {"*DLA/list"};
constexpr std::string_view kMetasploitNames[] = {"msf"};
constexpr std::string_view kMetasploitFiles[] = {
    "*modules_metadata_base.json", "*metasploit*.tar", "*/rapid7/*/CVE-*.json"};
constexpr std::string_view kMetasploitMembers[] = {"*CVE-*.json", "*modules_metadata_base.json"};
constexpr std::string_view kExploitdbNames[] = {"exploit-db", "edb"};
constexpr std::string_view kExploitdbFiles[] = {
    "*files_exploits.csv", "*exploitdb_mapping*.json", "*exploitdb*.csv"};
constexpr std::string_view kExploitdbMembers[] = {
    "*files_exploits.csv", "*exploitdb_mapping*.json"};
constexpr std::string_view kNucleiNames[] = {"nuclei-templates"};
constexpr std::string_view kNucleiFiles[] = {"*/cves.json", "*nuclei*cves*.json"};
constexpr std::string_view kNucleiMembers[] = {"*cves.json"};

constexpr FeedSource kFeeds[] = {
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
};

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
