#include "thimble/inventory/rpm_list.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/inventory/package_list.hpp"
#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxGaps = 20;
constexpr std::string_view kNone = "(none)";
constexpr std::size_t kFields = 7;

enum Field : std::uint8_t { Name, Epoch, VersionRelease, Architecture, SourceRpm, Module, Vendor };

std::optional<std::array<std::string_view, kFields>> split(std::string_view line) {
    auto fields = split_fields<kFields>(line, '\t');
    if (!fields || fields->back().contains('\t')) {
        return std::nullopt;
    }
    std::ranges::replace(*fields, kNone, std::string_view());
    return fields;
}

void set_source(model::InstalledPackage& package, std::string_view source_rpm) {
    auto source = split_source_rpm(source_rpm);
    package.source_name = source ? std::move(source->first) : package.name;
    package.source_version = source ? std::move(source->second) : package.version;
}

/// "postgresql:12:8030020201207110000:229f0a1c" is the stream postgresql:12.
std::string_view stream_of(std::string_view label) {
    const std::size_t name = label.find(':');
    const std::size_t stream = name == std::string_view::npos ? name : label.find(':', name + 1);
    return label.substr(0, stream);
}

}  // namespace

std::optional<std::pair<std::string, std::string>> split_source_rpm(std::string_view source_rpm) {
    for (const std::string_view suffix : {".src.rpm", ".nosrc.rpm"}) {
        if (source_rpm.ends_with(suffix)) {
            source_rpm.remove_suffix(suffix.size());
        }
    }
    const std::size_t release = source_rpm.rfind('-');
    if (release == std::string_view::npos || release == 0) {
        return std::nullopt;
    }
    const std::size_t version = source_rpm.rfind('-', release - 1);
    if (version == std::string_view::npos || version == 0) {
        return std::nullopt;
    }
    return std::pair(
        std::string(source_rpm.substr(0, version)), std::string(source_rpm.substr(version + 1)));
}

std::vector<std::string> rpm_command() {
    return {
        "rpm",
        "-qa",
        "--queryformat",
        "%{NAME}\\t%{EPOCH}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\t%{MODULARITYLABEL}"
        "\\t"
        "%{VENDOR}\\n"};
}

PackageList parse_rpm_list(std::string_view text) {
    PackageList list;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        const auto fields = split(line);
        if (!fields || (*fields)[Name].empty() || (*fields)[VersionRelease].size() < 3) {
            if (list.gaps.size() < kMaxGaps) {
                list.gaps.push_back(
                    {.code = "inventory.bad_package_entry",
                     .detail = "rpm told of a package in a way that is not understood: "
                         + printable(line, 100) + ".",
                     .next = "Run `rpm --rebuilddb` there."});
            }
            continue;
        }
        if ((*fields)[Name] == "gpg-pubkey") {
            continue;
        }
        model::InstalledPackage package;
        package.type = "rpm";
        package.name = (*fields)[Name];
        package.version = (*fields)[Epoch];
        package.version += package.version.empty() ? "" : ":";
        package.version += (*fields)[VersionRelease];
        package.architecture = (*fields)[Architecture];
        package.origin = (*fields)[Vendor];
        package.module_stream = stream_of((*fields)[Module]);
        set_source(package, (*fields)[SourceRpm]);
        list.packages.push_back(std::move(package));
    }
    return list;
}

}  // namespace thimble::inventory
