#include "thimble/apply/deb_control.hpp"
#include "thimble/base/lines.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

bool climbs(std::string_view path) {
    return path.ends_with("/..") || path.contains("/../");
}

}  // namespace

ControlFields parse_control_fields(std::string_view text) {
    ControlFields fields;
    bool begun = false;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (trimmed(line).empty()) {
            if (begun) {
                break;
            }
            continue;
        }
        begun = true;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || line.front() == ' ' || line.front() == '\t') {
            continue;
        }
        const std::string_view field = line.substr(0, colon);
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (field == "Package") {
            fields.name = value;
        } else if (field == "Version") {
            fields.version = value;
        } else if (field == "Architecture") {
            fields.architecture = value;
        }
    }
    return fields;
}

std::vector<std::string> parse_conffiles(std::string_view text) {
    std::vector<std::string> paths;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        const std::string_view path = trimmed(line);
        if (path.starts_with('/') && !climbs(path)) {
            paths.emplace_back(path);
        }
    }
    return paths;
}

bool remakes_initial_files(std::string_view scripts, std::string_view triggers) {
    constexpr auto kMakers =
        std::to_array<std::string_view>({"update-initramfs", "dracut", "mkinitcpio"});
    const auto names_one = [&](std::string_view text) {
        return std::ranges::any_of(
            kMakers, [&](std::string_view maker) { return text.contains(maker); });
    };
    if (names_one(scripts)) {
        return true;
    }
    Lines lines(triggers);
    for (std::string_view line; lines.next(line);) {
        if (trimmed(line).starts_with("activate") && names_one(line)) {
            return true;
        }
    }
    return false;
}

std::vector<Diversion> parse_diversions(std::string_view text) {
    std::vector<Diversion> diversions;
    Lines lines(text);
    std::string_view from;
    std::string_view to;
    std::string_view package;
    while (lines.next(from) && lines.next(to) && lines.next(package)) {
        if (from.starts_with('/') && to.starts_with('/') && !climbs(from) && !climbs(to)) {
            diversions.push_back(
                {.from = std::string(from),
                 .to = std::string(to),
                 .package = package == ":" ? std::string() : std::string(package)});
        }
    }
    return diversions;
}

std::string path_on_disk(
    const std::vector<Diversion>& diversions, const std::string& path, std::string_view package) {
    const auto found = std::ranges::find(diversions, path, &Diversion::from);
    return found == diversions.end() || found->package == package ? path : found->to;
}

}  // namespace thimble::apply
