#include "thimble/base/json_members.hpp"
#include "thimble/inventory/inventory_document.hpp"
#include "thimble/inventory/package_states.hpp"

#include <algorithm>
#include <utility>

namespace thimble::inventory {
namespace {

std::string bounded(JsonMembers& members, std::string_view name) {
    std::string text = members.text_or_null(name);
    if (text.size() > kMaxPackageTextBytes) {
        members.reject(name);
    }
    return text;
}

std::string bounded_and_there(JsonMembers& members, std::string_view name) {
    std::string text = bounded(members, name);
    if (text.empty()) {
        members.reject(name);
    }
    return text;
}

Result<model::InstalledPackage> read_package(const JsonValue& value) {
    JsonMembers members(value);
    model::InstalledPackage package;
    package.type = bounded_and_there(members, "type");
    package.name = bounded_and_there(members, "name");
    package.version = members.text("version");
    package.architecture = bounded(members, "architecture");
    package.source_name = members.text("source_name");
    package.source_version = members.text("source_version");
    for (const auto& [text, name] :
         {std::pair(&package.version, "version"),
          std::pair(&package.source_name, "source_name"),
          std::pair(&package.source_version, "source_version")}) {
        if (text->size() > kMaxPackageTextBytes) {
            members.reject(name);
        }
    }
    const std::string state = members.text("state");
    const auto* const found =
        std::ranges::find(kPackageStates, state, [](const auto& row) { return row.second; });
    if (found == kPackageStates.end()) {
        members.reject("state");
    } else {
        package.state = found->first;
    }
    package.held = members.boolean("held");
    package.essential = members.boolean("essential");
    package.origin = bounded(members, "origin");
    package.module_stream = bounded(members, "module_stream");
    THIMBLE_TRY(members.done());
    return package;
}

Result<std::vector<model::InstalledPackage>> read_package_list(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    if (members.text("format") != "thimble.packages/1") {
        members.reject("format");
    }
    const JsonValue::Array& items = members.array("packages");
    if (items.size() > kMaxListedPackages) {
        members.reject("packages");
    }
    THIMBLE_TRY(members.done());
    return read_items<model::InstalledPackage>(items, read_package);
}

}  // namespace

Result<std::vector<model::InstalledPackage>> parse_package_list(std::string_view text) {
    auto packages = text.size() > kMaxInventoryBytes ? failure(ErrorKind::Corrupt, "", "too long")
                                                     : read_package_list(text);
    if (!packages) {
        Error why = std::move(packages).error();
        why.code = "inventory.bad_document";
        return because("a package list", std::move(why));
    }
    return packages;
}

}  // namespace thimble::inventory
