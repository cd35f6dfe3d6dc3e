#include "thimble/verify/parse_units.hpp"

#include "thimble/base/lines.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace thimble::verify {
namespace {

constexpr std::array<std::string_view, 4> kNotPlaces{"/proc", "/sys", "/dev", "/run"};
/// Below these containers, pods and users' media come and go; a disk of their own for all of them does not.
constexpr std::array<std::string_view, 5> kComeAndGoBelow{
    "/media", "/var/lib/containerd", "/var/lib/containers", "/var/lib/docker", "/var/lib/kubelet"};

bool is_below(std::string_view path, std::string_view top) {
    return path.starts_with(top) && path.substr(top.size()).starts_with('/');
}

bool is_place(std::string_view path, std::string_view type) {
    if (type == "cgroup" || type == "cgroup2" || type == "overlay" || type == "squashfs") {
        return false;
    }
    return !is_passing_mount(path)
        && std::ranges::none_of(kNotPlaces, [path](std::string_view top) {
               return path == top || is_below(path, top);
           });
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
        words.push_back(word);
    }
    return words;
}

void sort_unique(std::vector<std::string>& texts) {
    std::ranges::sort(texts);
    const auto rest = std::ranges::unique(texts);
    texts.erase(rest.begin(), rest.end());
}

/// The answer of `systemctl show`: blocks of lines with an empty line between.
/// @param end_block  after each block, also an empty one
template <class ReadLine, class EndBlock>
void read_blocks(std::string_view text, ReadLine read_line, EndBlock end_block) {
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (line.empty()) {
            end_block();
        } else {
            read_line(line);
        }
    }
    end_block();
}

/// "destination length source length next-hop metric references use flags interface"; one that is up and rejects nothing.
bool is_ipv6_default(const std::vector<std::string_view>& words) {
    constexpr std::uint32_t kUp = 0x0001;
    constexpr std::uint32_t kRejects = 0x0200;
    constexpr int kHexadecimal = 16;
    const auto flags = number_in<std::uint32_t>(words[8], kHexadecimal);
    return words[0].find_first_not_of('0') == std::string_view::npos && words[1] == "00" && flags
        && (*flags & (kUp | kRejects)) == kUp;
}

}  // namespace

std::vector<UnitState> parse_units(std::string_view text) {
    constexpr std::string_view kId = "Id=";
    constexpr std::string_view kActive = "ActiveState=";
    constexpr std::string_view kSub = "SubState=";
    std::vector<UnitState> units;
    UnitState unit;
    read_blocks(
        text,
        [&](std::string_view line) {
            if (line.starts_with(kId)) {
                unit.name = line.substr(kId.size());
            } else if (line.starts_with(kActive)) {
                unit.active = line.substr(kActive.size());
            } else if (line.starts_with(kSub)) {
                unit.sub = line.substr(kSub.size());
            }
        },
        [&] {
            if (!unit.name.empty() && !unit.active.empty()) {
                units.push_back(unit);
            }
            unit = {};
        });
    std::ranges::sort(units, {}, &UnitState::name);
    return units;
}

std::vector<UnitRecord> parse_unit_records(std::string_view text) {
    constexpr std::string_view kId = "Id=";
    constexpr std::string_view kRestarts = "NRestarts=";
    constexpr std::string_view kFile = "UnitFileState=";
    constexpr std::string_view kSince = "ActiveEnterTimestampMonotonic=";
    std::vector<UnitRecord> all;
    UnitRecord record;
    read_blocks(
        text,
        [&](std::string_view line) {
            if (line.starts_with(kId)) {
                record.name = line.substr(kId.size());
            } else if (line.starts_with(kRestarts)) {
                record.restarts =
                    number_in<std::uint64_t>(line.substr(kRestarts.size())).value_or(0);
            } else if (line.starts_with(kFile)) {
                record.enabled = line.substr(kFile.size()).starts_with("enabled");
            } else if (line.starts_with(kSince)) {
                // A document has signed numbers.
                record.started = static_cast<std::uint64_t>(std::max<std::int64_t>(
                    number_in<std::int64_t>(line.substr(kSince.size())).value_or(0), 0));
            }
        },
        [&] {
            if (!record.name.empty()) {
                all.push_back(record);
            }
            record = {};
        });
    std::ranges::sort(all, {}, &UnitRecord::name);
    return all;
}

std::string_view container_kind(std::string_view scope) {
    constexpr std::array<std::string_view, 3> kKinds{"docker-", "libpod-", "machine-"};
    // What looks after a container of podman has a scope, too.
    if (!scope.ends_with(".scope") || scope.starts_with("libpod-conmon-")) {
        return {};
    }
    const auto* const kind = std::ranges::find_if(
        kKinds, [scope](std::string_view one) { return scope.starts_with(one); });
    return kind == kKinds.end() ? std::string_view() : *kind;
}

std::vector<ContainerState> parse_containers(std::string_view text, std::chrono::microseconds up) {
    constexpr std::string_view kId = "Id=";
    constexpr std::string_view kState = "ActiveState=";
    constexpr std::string_view kSince = "ActiveEnterTimestampMonotonic=";
    constexpr std::chrono::minutes kLasts{10};
    std::vector<ContainerState> all;
    ContainerState container;
    bool is_active = false;
    read_blocks(
        text,
        [&](std::string_view line) {
            if (line.starts_with(kId)) {
                container.scope = line.substr(kId.size());
            } else if (line.starts_with(kState)) {
                is_active = line.substr(kState.size()) == "active";
            } else if (line.starts_with(kSince)) {
                const auto since = number_in<std::int64_t>(line.substr(kSince.size()));
                container.lasting = since && *since > 0 && *since < up.count()
                    && up - std::chrono::microseconds(*since) >= kLasts;
            }
        },
        [&] {
            if (is_active && !container_kind(container.scope).empty()) {
                all.push_back(container);
            }
            container = {};
            is_active = false;
        });
    std::ranges::sort(all, {}, &ContainerState::scope);
    return all;
}

bool is_passing_mount(std::string_view path) {
    return std::ranges::any_of(
        kComeAndGoBelow, [path](std::string_view top) { return is_below(path, top); });
}

std::vector<std::string> parse_mounts(std::string_view mountinfo) {
    struct Mount {
        std::string_view parent;
        std::string_view path;
        std::string_view type;
    };
    std::vector<Mount> found;
    std::set<std::string_view> automounters;
    Lines lines(mountinfo);
    for (std::string_view line; lines.next(line);) {
        // "36 35 98:0 / /boot rw,noatime shared:1 - ext4 /dev/sda1 rw"
        const std::vector<std::string_view> words = words_of(line);
        const auto dash = std::ranges::find(words, "-");
        if (words.size() < 5 || dash == words.end() || dash + 1 == words.end()) {
            continue;
        }
        found.push_back({.parent = words[1], .path = words[4], .type = *(dash + 1)});
        if (found.back().type == "autofs") {
            automounters.insert(words[0]);
        }
    }
    std::vector<std::string> mounts;
    for (const Mount& mount : found) {
        // What is mounted when somebody asks for it goes when nobody does.
        if (is_place(mount.path, mount.type) && !automounters.contains(mount.parent)) {
            mounts.push_back(std::string(mount.path) + " " + std::string(mount.type));
        }
    }
    sort_unique(mounts);
    return mounts;
}

std::vector<std::string> parse_default_routes(std::string_view route, std::string_view ipv6_route) {
    std::vector<std::string> interfaces;
    Lines lines(route);
    std::string_view line;
    lines.next(line);  // the heading
    while (lines.next(line)) {
        const std::vector<std::string_view> words = words_of(line);
        if (words.size() > 7 && words[1] == "00000000" && words[7] == "00000000") {
            interfaces.emplace_back(words[0]);
        }
    }
    Lines ipv6_lines(ipv6_route);
    while (ipv6_lines.next(line)) {
        const std::vector<std::string_view> words = words_of(line);
        if (words.size() > 9 && is_ipv6_default(words)) {
            interfaces.push_back(std::string(words[9]) + " (IPv6)");
        }
    }
    sort_unique(interfaces);
    return interfaces;
}

}  // namespace thimble::verify
