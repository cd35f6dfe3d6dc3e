#include "thimble/inventory/file_owner.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/host/host.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxList = std::size_t{64} << 20;
constexpr std::size_t kMaxMatches = std::size_t{4} << 20;
constexpr std::string_view kInfoFolder = "/var/lib/dpkg/info";

/// One path in search of its package.
struct Wanted {
    std::string path;                ///< as it was asked for
    std::vector<std::string> names;  ///< what a list would call it
    std::string only;                ///< this package alone can own it; empty: any
    std::string never;               ///< this package cannot
};

bool lists(std::string_view list, std::string_view name) {
    for (std::size_t at = list.find(name); at != std::string_view::npos;
         at = list.find(name, at + 1)) {
        const bool begins = at == 0 || list[at - 1] == '\n';
        const std::size_t end = at + name.size();
        if (begins && (end == list.size() || list[end] == '\n')) {
            return true;
        }
    }
    return false;
}

/// A diverted file lies elsewhere than its package says, and in its place lies the diverter's.
std::vector<Wanted> searches(
    const std::set<std::string>& paths, const std::vector<Diversion>& diversions) {
    std::vector<Wanted> wanted;
    for (const std::string& path : paths) {
        Wanted search{.path = path, .names = listed_names(path), .only = {}, .never = {}};
        for (const Diversion& diversion : diversions) {
            const std::vector<std::string> here = search.names;
            if (std::ranges::find(here, diversion.to) != here.end()) {
                search.names = listed_names(diversion.from);
                search.never = diversion.by;
            } else if (std::ranges::find(here, diversion.from) != here.end()) {
                search.only = diversion.by;
            }
        }
        wanted.push_back(std::move(search));
    }
    return wanted;
}

bool owns(std::string_view package, std::string_view list, const Wanted& search) {
    if (package == search.never || (!search.only.empty() && package != search.only)) {
        return false;
    }
    return std::ranges::any_of(
        search.names, [&](const std::string& name) { return lists(list, name); });
}

/// "libc6:amd64.list" is of libc6.
std::string_view package_of(std::string_view list_name) {
    return list_name.substr(0, std::min(list_name.find(':'), list_name.rfind('.')));
}

/// Asks a host whose lists are far away for the lines that matter, instead of hundreds of files.
/// @return the lists that hold one, by name, reduced to those lines
std::map<std::string, std::string> matching_lists(
    host::Host& host, const std::vector<Wanted>& wanted) {
    host::Command grep{
        .argv = {"grep", "-r", "-H", "-Z", "-x", "-F", "--include=*.list"},
        .timeout = std::chrono::seconds(60),
        .output_limit = kMaxMatches};
    for (const Wanted& search : wanted) {
        for (const std::string& name : search.names) {
            if (!name.contains('\n')) {
                grep.argv.emplace_back("-e");
                grep.argv.push_back(name);
            }
        }
    }
    grep.argv.emplace_back("--");
    grep.argv.emplace_back(kInfoFolder);
    const auto outcome = host.run(grep);
    return outcome ? parse_matching_lists(outcome->output, kInfoFolder)
                   : std::map<std::string, std::string>();
}

void take_owners(
    std::string_view list_name,
    std::string_view list,
    std::vector<Wanted>& wanted,
    std::map<std::string, std::string>& owners) {
    const std::string_view package = package_of(list_name);
    std::erase_if(wanted, [&](const Wanted& search) {
        const bool found = owns(package, list, search);
        if (found) {
            owners[search.path] = package;
        }
        return found;
    });
}

}  // namespace

std::map<std::string, std::string> parse_matching_lists(
    std::string_view text, std::string_view folder) {
    std::map<std::string, std::string> lists;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        const std::size_t end = line.find('\0');
        std::string_view file = line.substr(0, end);
        if (end == std::string_view::npos || !file.starts_with(folder)) {
            continue;
        }
        file.remove_prefix(folder.size());
        if (file.starts_with('/') && file.ends_with(".list")
            && file.find('/', 1) == std::string_view::npos) {
            std::string& list = lists[std::string(file.substr(1))];
            list += line.substr(end + 1);
            list += '\n';
        }
    }
    return lists;
}

std::vector<Diversion> parse_diversions(std::string_view text) {
    std::vector<Diversion> diversions;
    Lines lines(text);
    std::string_view from;
    std::string_view to;
    std::string_view by;
    while (lines.next(from) && lines.next(to) && lines.next(by)) {
        diversions.push_back({std::string(from), std::string(to), std::string(by)});
    }
    return diversions;
}

std::vector<std::string> listed_names(std::string_view path) {
    constexpr std::array<std::string_view, 6> kMerged{
        "/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/"};
    std::vector<std::string> names{std::string(path)};
    constexpr std::string_view kUsr = "/usr";
    const bool in_usr = path.starts_with("/usr/");
    const std::string_view short_path = in_usr ? path.substr(kUsr.size()) : path;
    const bool is_merged = std::ranges::any_of(
        kMerged, [&](std::string_view folder) { return short_path.starts_with(folder); });
    if (is_merged) {
        names.push_back(in_usr ? std::string(short_path) : std::string(kUsr) + std::string(path));
    }
    return names;
}

std::map<std::string, std::string> find_owners(
    host::Host& host, const std::set<std::string>& paths) {
    std::map<std::string, std::string> owners;
    if (paths.empty()) {
        return owners;
    }
    const auto diversions = host.read_file("/var/lib/dpkg/diversions", kMaxList);
    std::vector<Wanted> wanted =
        searches(paths, diversions ? parse_diversions(*diversions) : std::vector<Diversion>());
    if (host.local_root().empty()) {
        for (const auto& [name, list] : matching_lists(host, wanted)) {
            take_owners(name, list, wanted, owners);
        }
        return owners;
    }
    const auto names = host.list(kInfoFolder);
    for (std::size_t at = 0; names && at < names->size() && !wanted.empty(); ++at) {
        const std::string& name = (*names)[at];
        if (!name.ends_with(".list")) {
            continue;
        }
        const auto list = host.read_file(std::string(kInfoFolder) + "/" + name, kMaxList);
        if (!list) {
            continue;
        }
        take_owners(name, *list, wanted, owners);
    }
    return owners;
}

}  // namespace thimble::inventory
