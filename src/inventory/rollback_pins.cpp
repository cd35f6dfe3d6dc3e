#include "thimble/inventory/rollback_pins.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/model/package_words.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace thimble::inventory {
namespace {

constexpr std::string_view kPrefix = "thimble-rolled-back-";
constexpr std::string_view kSuffix = ".pref";
constexpr std::size_t kMaxPins = std::size_t{4} << 20;

bool is_run_id(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || c == 'T' || c == 'Z' || c == '-';
    });
}

}  // namespace

std::string pin_file_name(std::string_view run) {
    return std::string(kPrefix).append(run).append(kSuffix);
}

std::string pinned_run_of(std::string_view file_name) {
    if (!file_name.starts_with(kPrefix) || !file_name.ends_with(kSuffix)
        || file_name.size() < kPrefix.size() + kSuffix.size()) {
        return {};
    }
    file_name.remove_prefix(kPrefix.size());
    file_name.remove_suffix(kSuffix.size());
    return is_run_id(file_name) ? std::string(file_name) : std::string();
}

std::vector<PinnedVersion> parse_pins(std::string_view text) {
    constexpr std::string_view kPackage = "Package: ";
    constexpr std::string_view kVersion = "Pin: version ";
    std::vector<PinnedVersion> pinned;
    std::string_view package;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (line.starts_with(kPackage)) {
            package = line.substr(kPackage.size());
        } else if (line.starts_with(kVersion) && !package.empty()) {
            const std::size_t colon = package.find(':');
            PinnedVersion one{
                .package = std::string(package.substr(0, colon)),
                .architecture = colon == std::string_view::npos
                    ? std::string()
                    : std::string(package.substr(colon + 1)),
                .version = std::string(line.substr(kVersion.size()))};
            package = {};
            const bool is_of_one =
                one.architecture.empty() || model::is_architecture(one.architecture);
            if (model::is_package_name(one.package) && is_of_one
                && model::is_version(one.version)) {
                pinned.push_back(std::move(one));
            }
        }
    }
    return pinned;
}

bool is_pinned(
    const PinnedVersion& pinned,
    std::string_view package,
    std::string_view architecture,
    std::string_view version) {
    return pinned.package == package && pinned.version == version
        && (pinned.architecture.empty() || pinned.architecture == architecture);
}

std::vector<RollbackPin> read_rollback_pins(host::Host& host) {
    std::vector<RollbackPin> pins;
    for (const std::string& name : host.list(kPinFolder).value_or(std::vector<std::string>{})) {
        std::string run = pinned_run_of(name);
        if (run.empty()) {
            continue;
        }
        const std::string path = std::string(kPinFolder) + "/" + name;
        if (const auto text = host.read_file(path, kMaxPins)) {
            pins.push_back({.run = std::move(run), .versions = parse_pins(*text)});
        }
    }
    return pins;
}

}  // namespace thimble::inventory
