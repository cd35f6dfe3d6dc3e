#include "thimble/inventory/proc_maps.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::string_view kDeleted = " (deleted)";
constexpr std::uint64_t kKernelThreadFlag = 0x00200000;  // PF_KTHREAD

/// The kernel writes a line feed in a name as \012; other bytes stand as they are.
std::string unescaped(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const std::size_t escape = path.find("\\012");
        out += path.substr(0, escape);
        if (escape == std::string_view::npos) {
            break;
        }
        out += '\n';
        path.remove_prefix(escape + 4);
    }
    return out;
}

/// `address perms offset dev inode   path`
std::optional<Mapping> parse_mapping(std::string_view line) {
    const std::string_view range = take_word(line);
    const std::string_view permissions = take_word(line);
    take_word(line);
    const std::string_view device = take_word(line);
    const auto inode = number_in<std::uint64_t>(take_word(line));
    if (permissions.size() < 3 || permissions[2] != 'x' || !inode || *inode == 0) {
        return std::nullopt;
    }
    const std::size_t colon = device.find(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto major = number_in<std::uint32_t>(device.substr(0, colon), 16);
    const auto minor = number_in<std::uint32_t>(device.substr(colon + 1), 16);
    const std::size_t begin = line.find_first_not_of(' ');
    if (!major || !minor || begin == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view path = line.substr(begin);
    const bool deleted = path.ends_with(kDeleted);
    if (deleted) {
        path.remove_suffix(kDeleted.size());
    }
    return Mapping{
        .range = std::string(range),
        .device_major = *major,
        .device_minor = *minor,
        .inode = *inode,
        .path = unescaped(path),
        .deleted = deleted};
}

std::string_view last_component(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::vector<std::string_view> components_of(std::string_view path) {
    std::vector<std::string_view> components;
    while (!path.empty()) {
        const std::string_view component = path.substr(0, path.find('/'));
        if (!component.empty()) {
            components.push_back(component);
        }
        path.remove_prefix(std::min(path.size(), component.size() + 1));
    }
    return components;
}

/// The paths in the hierarchies that systemd may keep its units in: cgroup v2, and the named one of v1.
std::vector<std::string_view> systemd_paths(std::string_view cgroup) {
    std::vector<std::string_view> paths;
    Lines lines(cgroup);
    for (std::string_view line; lines.next(line);) {
        const std::size_t first = line.find(':');
        const std::size_t second =
            first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) {
            continue;
        }
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        if (controllers.empty() || controllers == "name=systemd") {
            paths.push_back(line.substr(second + 1));
        }
    }
    return paths;
}

bool is_container_component(std::string_view component) {
    constexpr std::array<std::string_view, 8> kPrefixes{
        "docker-", "docker", "libpod-", "crio-", "cri-containerd-", "kubepods", "lxc", "machine-"};
    // Of a service that holds a container: what runs in it, and what looks after it.
    constexpr std::array<std::string_view, 3> kParts{"payload", "runtime", "supervisor"};
    // docker.service is the engine on the host, docker-0123.scope is a container; machine.slice holds them.
    const bool is_service = component.ends_with(".service") || component.ends_with(".socket");
    return component.starts_with("systemd-nspawn@")
        || std::ranges::find(kParts, component) != kParts.end()
        || (!is_service && std::ranges::any_of(kPrefixes, [&](std::string_view prefix) {
               return component.starts_with(prefix);
           }));
}

/// The unit of the host that a container's process is in: what holds the container, not what the container has inside; without
/// one, what is named innermost.
UnitMembership container_at(std::span<const std::string_view> components, std::size_t mark) {
    const auto is_unit = [](std::string_view component) {
        return component.ends_with(".service") || component.ends_with(".scope");
    };
    if (components[mark].starts_with("kubepods")) {
        return {.unit = std::string(components.back()), .kind = "container"};
    }
    if (is_unit(components[mark]) || components[mark].starts_with("lxc.")) {
        return {.unit = std::string(components[mark]), .kind = "container"};
    }
    // What looks after a container, or holds it, in a service of its own.
    const bool is_held = mark > 0 && is_unit(components[mark - 1]);
    return {
        .unit = std::string(is_held ? components[mark - 1] : components.back()),
        .kind = "container"};
}

std::string_view last_service_after(
    std::span<const std::string_view> components, std::string_view fallback) {
    for (const std::string_view component : std::views::reverse(components)) {
        if (component.ends_with(".service")) {
            return component;
        }
    }
    return fallback;
}

/// A service that runs in a container may have the name of one of the host: containers and guests are looked for first.
std::optional<UnitMembership> guest_at(std::span<const std::string_view> components) {
    for (std::size_t at = 0; at < components.size(); ++at) {
        if (components[at].starts_with("machine-qemu")) {
            return UnitMembership{.unit = std::string(components[at]), .kind = "vm"};
        }
        if (is_container_component(components[at])) {
            return container_at(components, at);
        }
    }
    return std::nullopt;
}

UnitMembership unit_at(std::string_view path) {
    const std::vector<std::string_view> components = components_of(path);
    if (auto held = guest_at(components)) {
        return *std::move(held);
    }
    for (std::size_t at = 0; at < components.size(); ++at) {
        const std::string_view component = components[at];
        const auto rest = std::span(components).subspan(at + 1);
        if (component == "init.scope") {
            return {.unit = "init.scope", .kind = "init"};
        }
        if (component.starts_with("session-") && component.ends_with(".scope")) {
            return {.unit = std::string(component), .kind = "session"};
        }
        if (component.starts_with("user@") && component.ends_with(".service")) {
            return {.unit = std::string(last_service_after(rest, component)), .kind = "user"};
        }
        if (component.ends_with(".service")) {
            return {.unit = std::string(component), .kind = "service"};
        }
    }
    return {};
}

}  // namespace

Result<std::vector<Mapping>> parse_executable_mappings(std::string_view maps) {
    std::vector<Mapping> mappings;
    std::set<std::pair<std::uint64_t, std::string>> known;
    Lines lines(maps);
    for (std::string_view line; lines.next(line);) {
        auto mapping = parse_mapping(line);
        if (!mapping || !known.emplace(mapping->inode, mapping->path).second) {
            continue;
        }
        if (mappings.size() == kMaxMappings) {
            return failure(
                ErrorKind::Unsupported,
                "inventory.too_many_mappings",
                "more than " + std::to_string(kMaxMappings) + " files are mapped for execution");
        }
        mappings.push_back(*std::move(mapping));
    }
    return mappings;
}

bool is_ignored_mapping(std::string_view path, std::span<const std::string> ignored) {
    constexpr std::array<std::string_view, 7> kNeverFiles{
        "/memfd:", "/dev/", "/SYSV", "/drm", "/i915", "/[aio]", "/anon_hugepage"};
    const auto begins = [&](std::string_view prefix) {
        return !prefix.empty() && path.starts_with(prefix);
    };
    return !path.starts_with('/') || std::ranges::any_of(kNeverFiles, begins)
        || std::ranges::any_of(ignored, begins);
}

bool is_device_unreliable(std::uint32_t major) {
    return major == 0 || major == 144 || major == 145 || major == 146;
}

UnitMembership unit_of(std::string_view cgroup) {
    // One of two may be there without being used: mounted by somebody else than this systemd.
    for (const std::string_view path : systemd_paths(cgroup)) {
        if (UnitMembership membership = unit_at(path); !membership.kind.empty()) {
            return membership;
        }
    }
    return {};
}

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
    const std::size_t open = text.find('(');
    const std::size_t close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return std::nullopt;
    }
    ProcessStat stat;
    stat.command = text.substr(open + 1, close - open - 1);
    std::string_view rest = trimmed(text.substr(close + 1));
    constexpr int kFlags = 9;
    constexpr int kStartTime = 22;
    std::optional<std::uint64_t> flags;
    std::optional<std::uint64_t> start;
    for (int field = 3; field <= kStartTime; ++field) {
        const std::string_view word = take_word(rest);
        if (field == kFlags) {
            flags = number_in<std::uint64_t>(word);
        } else if (field == kStartTime) {
            start = number_in<std::uint64_t>(word);
        }
    }
    if (!flags || !start) {
        return std::nullopt;
    }
    stat.kernel_thread = (*flags & kKernelThreadFlag) != 0;
    stat.start_ticks = *start;
    return stat;
}

std::string interpreted_script(std::string_view executable, std::string_view arguments) {
    constexpr std::array<std::string_view, 7> kInterpreters{
        "python", "perl", "ruby", "java", "node", "php", "lua"};
    const std::string_view program = last_component(executable);
    const bool interprets = std::ranges::any_of(
        kInterpreters, [&](std::string_view name) { return program.starts_with(name); });
    if (!interprets) {
        return {};
    }
    const bool is_java = program.starts_with("java");
    bool first = true;
    bool after_jar = false;
    while (!arguments.empty()) {
        const std::string_view argument = arguments.substr(0, arguments.find('\0'));
        arguments.remove_prefix(std::min(arguments.size(), argument.size() + 1));
        if (first) {
            first = false;
            continue;
        }
        if (argument == "-m" || argument == "-c" || argument == "-e") {
            return {};  // a module or the code itself: no file is named
        }
        if (is_java ? after_jar : !argument.empty() && argument.front() != '-') {
            return std::string(argument);
        }
        after_jar = argument == "-jar";
    }
    return {};
}

}  // namespace thimble::inventory
