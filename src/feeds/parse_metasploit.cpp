#include "thimble/feeds/parse_metasploit.hpp"

#include "thimble/feeds/exploit_facts.hpp"
#include "thimble/feeds/json_access.hpp"
#include "thimble/feeds/record_text.hpp"

#include <string>

namespace thimble::feeds {
namespace {

/// A module of modules_metadata_base.json: references are "CVE-2017-0143", "URL-https://…".
void read_framework_module(JsonValue module, Sink& sink, ParseCounts& counts) {
    // "2021-10-07 12:35:53 +0000": the zone stands apart and is always UTC.
    counts.saw(date_or_none(member_text(module, "mod_time").substr(0, 19)));
    const auto references = member(module, "references");
    if (!references) {
        return;
    }
    for_each_item(*references, [&](JsonValue reference) {
        const std::string_view cve = trimmed(text_or_empty(reference));
        if (is_cve_id(cve)) {
            give_exploit(cve, "metasploit", member_text(module, "fullname"), sink, counts);
        }
    });
}

/// "https://…/modules/exploits/linux/misc/x.rb" as "exploit/linux/misc/x"; "" where it is none.
std::string module_path_in(std::string_view url) {
    constexpr std::string_view kFolder = "/modules/";
    const std::size_t at = url.find(kFolder);
    if (at == std::string_view::npos || !url.ends_with(".rb")) {
        return {};
    }
    std::string_view path = url.substr(at + kFolder.size());
    path.remove_suffix(3);
    constexpr std::string_view kExploits = "exploits/";
    return path.starts_with(kExploits) ? "exploit/" + std::string(path.substr(kExploits.size()))
                                       : std::string(path);
}

/// A module of a per-CVE file: its path is the last of its references.
void read_listed_module(JsonValue module, Sink& sink, ParseCounts& counts) {
    std::string path;
    if (const auto references = member(module, "References")) {
        for_each_item(*references, [&](JsonValue reference) {
            if (std::string found = module_path_in(text_or_empty(reference)); !found.empty()) {
                path = std::move(found);
            }
        });
    }
    if (path.empty()) {
        path = member_text(module, "Name");
    }
    const auto cves = member(module, "CveIDs");
    if (!cves) {
        return;
    }
    for_each_item(*cves, [&](JsonValue item) {
        const std::string_view cve = trimmed(text_or_empty(item));
        if (is_cve_id(cve)) {
            give_exploit(cve, "metasploit", path, sink, counts);
        }
    });
}

/// Whether the value has the members of a module; one that has not is quarantined.
bool is_module(
    JsonValue module,
    std::string_view key,
    const ParseContext& context,
    Sink& sink,
    ParseCounts& counts) {
    if (member(module, key)) {
        return true;
    }
    sink.quarantine(context.name, "an entry is no module: it has no \"" + std::string(key) + "\"");
    ++counts.quarantined;
    return false;
}

}  // namespace

Result<ParseCounts> parse_metasploit(
    const PaddedText& text, const ParseContext& context, Sink& sink) {
    THIMBLE_TRY(const JsonValue root, parse_json(text.view(), context));
    ParseCounts counts;
    if (root.is_array()) {
        for_each_item(root, [&](JsonValue module) {
            if (is_module(module, "CveIDs", context, sink, counts)) {
                read_listed_module(module, sink, counts);
            }
        });
    } else if (root.is_object()) {
        for_each_member(root, [&](std::string_view, JsonValue module) {
            if (is_module(module, "fullname", context, sink, counts)) {
                read_framework_module(module, sink, counts);
            }
        });
    } else {
        return failure(
            ErrorKind::Corrupt, "feeds.not_this_feed", "neither an object nor an array of modules");
    }
    return counts;
}

}  // namespace thimble::feeds
