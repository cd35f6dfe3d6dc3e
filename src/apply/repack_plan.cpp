#include "thimble/apply/repack_plan.hpp"

#include "thimble/apply/deb_control.hpp"
#include "thimble/base/lines.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

/// Fields of the database that are no fields of a package.
constexpr std::array<std::string_view, 5> kStateFields{
    "Status", "Conffiles", "Config-Version", "Triggers-Pending", "Triggers-Awaited"};

constexpr std::array<std::string_view, 5> kScripts{
    "preinst", "postinst", "prerm", "postrm", "config"};

}  // namespace

std::string control_of_stanza(std::string_view stanza) {
    std::string control;
    bool drops = false;
    Lines lines(stanza);
    for (std::string_view line; lines.next(line);) {
        if (line.empty()) {
            break;
        }
        if (line.front() != ' ' && line.front() != '\t') {
            const std::string_view field = line.substr(0, line.find(':'));
            drops = std::ranges::find(kStateFields, field) != kStateFields.end();
        }
        if (!drops) {
            control += line;
            control += '\n';
        }
    }
    return control;
}

std::vector<RepackedPath> repacked_paths(
    std::string_view list,
    const std::vector<Diversion>& diversions,
    std::string_view package,
    const std::vector<std::string>& edited) {
    std::vector<RepackedPath> paths;
    std::set<std::string_view> folders;
    Lines lines(list);
    for (std::string_view line; lines.next(line);) {
        const bool climbs = line.ends_with("/..") || line.contains("/../");
        if (!line.starts_with('/') || line == "/." || line == "/" || climbs) {
            continue;
        }
        folders.insert(line.substr(0, line.rfind('/')));
        if (std::ranges::find(edited, line) == edited.end()) {
            std::string path(line);
            std::string on_disk = path_on_disk(diversions, path, package);
            paths.push_back(
                {.path = std::move(path), .on_disk = std::move(on_disk), .is_folder = false});
        }
    }
    for (RepackedPath& path : paths) {
        path.is_folder = folders.contains(path.path);
    }
    return paths;
}

std::string ar_header(std::string_view name, std::uint64_t size) {
    std::string header;
    const auto field = [&](std::string_view text, std::size_t width) {
        header += text.substr(0, width);
        header.append(width - std::min(width, text.size()), ' ');
    };
    field(name, 16);
    field("0", 12);
    field("0", 6);
    field("0", 6);
    field("100644", 8);
    field(std::to_string(size), 10);
    return header + "`\n";
}

bool is_maintainer_script(std::string_view name) {
    return std::ranges::find(kScripts, name) != kScripts.end();
}

}  // namespace thimble::apply
