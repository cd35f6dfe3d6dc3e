#include "thimble/inventory/kernel.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/model/loaded_at_boot.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view take_number(std::string_view& text) {
    std::size_t zeros = 0;
    while (zeros < text.size() && text[zeros] == '0') {
        ++zeros;
    }
    text.remove_prefix(zeros);
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end])) {
        ++end;
    }
    const std::string_view number = text.substr(0, end);
    text.remove_prefix(end);
    return number;
}

std::weak_ordering compare_numbers(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) {
        return left.size() <=> right.size();
    }
    return left.compare(right) <=> 0;
}

/// A part of a release that belongs to its version: it begins with a digit and no letter follows a
/// digit but in a pre-release ("rc1").
bool is_version_part(std::string_view part) {
    return !part.empty() && (is_digit(part.front()) || part.starts_with("rc"))
        && std::ranges::all_of(part, [](char c) {
               return is_digit(c) || c == '.' || c == '+' || c == '~' || c == 'r' || c == 'c'
                   || c == 'b' || c == 'p' || c == 'o' || c == 'd' || c == 'e' || c == 'u';
           });
}

/// Where the architecture begins that rpm's kernels end in: "427.13.1.el9_4.x86_64", "….x86_64+rt".
std::size_t architecture_mark(std::string_view release) {
    constexpr std::array<std::string_view, 8> kArchitectures{
        ".x86_64", ".aarch64", ".ppc64le", ".s390x", ".i686", ".i386", ".armv7hl", ".riscv64"};
    for (const std::string_view architecture : kArchitectures) {
        const std::size_t at = release.rfind(architecture);
        const std::size_t end = at + architecture.size();
        if (at != std::string_view::npos
            && (end == release.size() || release[end] == '+' || release[end] == '.')) {
            return at;
        }
    }
    return std::string_view::npos;
}

/// The architecture, and what sets a line of kernels apart: the end of the distribution's tag ("el9uek"), or a variant behind the
/// architecture. Minor releases of a distribution ("el9_4", "el9_5") are of one line.
std::string rpm_flavour(std::string_view release, std::size_t mark) {
    std::string_view tag = release.substr(0, mark);
    tag.remove_prefix(std::min(tag.find_last_of(".-") + 1, tag.size()));
    const std::size_t digit = tag.find_first_of("0123456789");
    const std::size_t line = digit == std::string_view::npos
        ? std::string_view::npos
        : tag.find_first_not_of("0123456789_", digit);
    std::string flavour(line == std::string_view::npos ? std::string_view() : tag.substr(line));
    flavour += flavour.empty() ? "" : ".";
    return flavour += release.substr(mark + 1);
}

}  // namespace

std::weak_ordering compare_releases(std::string_view left, std::string_view right) {
    while (!left.empty() && !right.empty()) {
        if (is_digit(left.front()) && is_digit(right.front())) {
            const std::string_view left_number = take_number(left);
            const std::string_view right_number = take_number(right);
            if (const auto order = compare_numbers(left_number, right_number); order != 0) {
                return order;
            }
            continue;
        }
        if (left.front() != right.front()) {
            return left.front() <=> right.front();
        }
        left.remove_prefix(1);
        right.remove_prefix(1);
    }
    return left.size() <=> right.size();
}

std::string flavour_of(std::string_view release) {
    if (const std::size_t mark = architecture_mark(release); mark != std::string_view::npos) {
        return rpm_flavour(release, mark);
    }
    std::string_view rest = release;
    while (!rest.empty()) {
        const std::size_t dash = rest.find('-');
        const std::string_view part = rest.substr(0, dash);
        if (!is_version_part(part)) {
            break;
        }
        rest = dash == std::string_view::npos ? std::string_view() : rest.substr(dash + 1);
    }
    return std::string(rest);
}

bool is_kernel_image(const model::InstalledPackage& package) {
    constexpr std::string_view kPrefix = "linux-image-";
    constexpr std::string_view kUnsigned = "unsigned-";
    std::string_view name = package.name;
    if (!model::is_kernel_package(name)) {
        return false;
    }
    if (!name.starts_with(kPrefix)) {
        return package.type == "rpm";
    }
    name.remove_prefix(kPrefix.size());
    if (name.starts_with(kUnsigned)) {
        name.remove_prefix(kUnsigned.size());
    }
    return !name.empty() && name.front() >= '0' && name.front() <= '9';
}

std::vector<std::string> bootable_releases(std::span<const std::string> boot_names) {
    constexpr std::array<std::string_view, 4> kPrefixes{
        "vmlinuz-", "vmlinux-", "Image-", "kernel-"};
    std::vector<std::string> releases;
    for (const std::string_view name : boot_names) {
        for (const std::string_view prefix : kPrefixes) {
            const bool is_leftover = name.ends_with(".old") || name.ends_with(".dpkg-new")
                || name.ends_with(".dpkg-tmp") || name.ends_with(".hmac");
            if (name.starts_with(prefix) && !is_leftover && !name.contains("rescue")
                && name.size() > prefix.size()) {
                releases.emplace_back(name.substr(prefix.size()));
            }
        }
    }
    return releases;
}

std::string newest_release(std::span<const std::string> releases, std::string_view running) {
    std::string_view newest;
    for (const std::string_view release : releases) {
        const bool is_wanted = running.empty() || flavour_of(release) == flavour_of(running);
        if (is_wanted && (newest.empty() || compare_releases(release, newest) > 0)) {
            newest = release;
        }
    }
    return std::string(newest);
}

std::string running_package_version(std::string_view proc_version) {
    constexpr std::string_view kMark = " Debian ";
    const std::size_t mark = proc_version.rfind(kMark);
    if (mark == std::string_view::npos) {
        return {};
    }
    std::string_view rest = proc_version.substr(mark + kMark.size());
    const std::string_view version = trimmed(take_word(rest));
    return version.empty() || !is_digit(version.front()) ? std::string() : std::string(version);
}

std::optional<Instant> parse_boot_time(std::string_view proc_stat) {
    Lines lines(proc_stat);
    for (std::string_view line; lines.next(line);) {
        if (!line.starts_with("btime ")) {
            continue;
        }
        const auto seconds = number_in<std::int64_t>(trimmed(line.substr(6)));
        constexpr std::int64_t kMaxSeconds = std::int64_t{1} << 40;
        if (seconds && *seconds > 0 && *seconds < kMaxSeconds) {
            return Instant(std::chrono::seconds(*seconds));
        }
    }
    return std::nullopt;
}

bool is_container_cgroup(std::string_view cgroup) {
    constexpr std::array<std::string_view, 6> kMarks{
        "/docker", "/kubepods", "/lxc", "/libpod", "/machine.slice/", "/containerd"};
    return std::ranges::any_of(
        kMarks, [&](std::string_view mark) { return cgroup.contains(mark); });
}

}  // namespace thimble::inventory
