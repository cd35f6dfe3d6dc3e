#include "thimble/shield/package_steps.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/model/package_words.hpp"

#include <algorithm>
#include <array>

namespace thimble::shield {
namespace {

/// @source deb-control(5): Essential and Protected; Important is what apt called the latter before
bool is_indispensable(const apply::DpkgEntry& entry) {
    constexpr auto kFields =
        std::to_array<std::string_view>({"Essential:", "Protected:", "Important:"});
    Lines lines(entry.stanza);
    for (std::string_view line; lines.next(line);) {
        const auto* const field = std::ranges::find_if(
            kFields, [&](std::string_view name) { return line.starts_with(name); });
        if (field != kFields.end() && trimmed(line.substr(field->size())) == "yes") {
            return true;
        }
    }
    return false;
}

Error not_removable(std::string_view name, std::string_view why) {
    return failure(
        ErrorKind::Conflict,
        "shield.not_removable",
        std::string(name) + " is not removed: " + std::string(why));
}

}  // namespace

const apply::DpkgEntry* present_package(
    const apply::DpkgDatabase& database, std::string_view name) {
    const auto found = std::ranges::find_if(database.entries, [&](const apply::DpkgEntry& entry) {
        return entry.name == name && entry.is_present();
    });
    return found == database.entries.end() ? nullptr : &*found;
}

std::string package_words(const apply::DpkgEntry* entry) {
    return entry == nullptr
        ? "not installed"
        : std::string(apply::dpkg_state_name(entry->state)) + " " + entry->version;
}

Result<model::PlannedStep> removal_step(
    const apply::DpkgDatabase& database, std::string_view name) {
    const apply::DpkgEntry* const entry = present_package(database, name);
    if (entry == nullptr) {
        return failure(
            ErrorKind::NotFound,
            "shield.no_package",
            "the package " + std::string(name) + " is not installed on this host");
    }
    const auto is_it = [&](const apply::DpkgEntry& one) {
        return one.name == name && one.is_present();
    };
    if (std::ranges::count_if(database.entries, is_it) > 1) {
        return not_removable(name, "it is installed for several architectures");
    }
    if (is_indispensable(*entry)) {
        return not_removable(name, "it is essential or protected");
    }
    if (entry->held) {
        return not_removable(name, "it is held; whoever holds it wants it as it is");
    }
    if (!entry->is_finished()) {
        return not_removable(name, "it is " + package_words(entry) + "; first repair that");
    }
    if (!model::is_version(entry->version)) {
        return not_removable(name, "its version is unknown, and it could not be put back");
    }
    model::PlannedStep step;
    step.change = model::PlannedChange::Remove;
    step.name = entry->name;
    step.architecture = entry->architecture;
    step.from_version = entry->version;
    step.automatic = database.is_automatic(entry->name, entry->architecture);
    return step;
}

std::string needed_file(
    const std::vector<std::string>& paths,
    std::string_view own_program,
    std::string_view kernel_release) {
    const std::string kernel = "/boot/vmlinuz-" + std::string(kernel_release);
    const auto found = std::ranges::find_if(
        paths, [&](const std::string& path) { return path == own_program || path == kernel; });
    return found == paths.end() ? std::string() : *found;
}

std::string_view program_of_link(std::string_view link) {
    constexpr std::string_view kGone = " (deleted)";
    return link.ends_with(kGone) ? link.substr(0, link.size() - kGone.size()) : link;
}

}  // namespace thimble::shield
