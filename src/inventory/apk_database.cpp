#include "thimble/inventory/apk_database.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/inventory/package_list.hpp"
#include "thimble/model/inventory.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxGaps = 20;

void finish(PackageList& list, model::InstalledPackage package) {
    if (package.name.empty() || package.version.empty()) {
        if (list.gaps.size() < kMaxGaps) {
            list.gaps.push_back({
                .code = "inventory.bad_package_entry",
                .detail = "In the apk database, an entry (" + printable(package.name, 100)
                    + ") has no name or no version.",
                .next = "Run `apk audit --system` there.",
            });
        }
        return;
    }
    package.type = "apk";
    if (package.source_name.empty()) {
        package.source_name = package.name;
    }
    package.source_version = package.version;  // all packages of one origin share its version
    list.packages.push_back(std::move(package));
}

void take_field(model::InstalledPackage& package, char field, std::string_view value) {
    switch (field) {
        case 'P': package.name = value; break;
        case 'V': package.version = value; break;
        case 'A': package.architecture = value; break;
        case 'o': package.source_name = value; break;
        default: break;
    }
}

}  // namespace

PackageList parse_apk_database(std::string_view text) {
    PackageList list;
    model::InstalledPackage package;
    bool in_entry = false;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (line.empty()) {
            if (in_entry) {
                finish(list, std::exchange(package, {}));
            }
            in_entry = false;
            continue;
        }
        in_entry = true;
        if (line.size() > 2 && line[1] == ':') {
            take_field(package, line[0], trimmed(line.substr(2)));
        }
    }
    if (in_entry) {
        finish(list, std::move(package));
    }
    return list;
}

}  // namespace thimble::inventory
