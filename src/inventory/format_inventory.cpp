#include "thimble/base/json_writer.hpp"
#include "thimble/inventory/apt_answer.hpp"
#include "thimble/inventory/inventory_document.hpp"
#include "thimble/inventory/package_states.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

namespace thimble::inventory {
namespace {

std::string_view state_name(model::PackageState state) {
    const auto* const found =
        std::ranges::find(kPackageStates, state, [](const auto& row) { return row.first; });
    THIMBLE_CHECK(found != kPackageStates.end());
    return found->second;
}

void write_package(JsonWriter& json, const model::InstalledPackage& package) {
    json.open_object()
        .member("type", package.type)
        .member("name", package.name)
        .member("version", package.version)
        .member_or_null("architecture", package.architecture)
        .member("source_name", package.source_name)
        .member("source_version", package.source_version)
        .member("state", state_name(package.state));
    json.key("held").boolean(package.held).key("essential").boolean(package.essential);
    json.member_or_null("origin", package.origin)
        .member_or_null("module_stream", package.module_stream)
        .close_object();
}

void write_texts(JsonWriter& json, JsonKey name, const std::vector<std::string>& texts) {
    json.key(name).open_array();
    for (const std::string& text : texts) {
        json.text(text);
    }
    json.close_array();
}

void write_system(JsonWriter& json, const model::OsRelease& os) {
    json.key("os").open_object();
    json.member_or_null("id", os.id)
        .member_or_null("version_id", os.version_id)
        .member_or_null("version_codename", os.version_codename)
        .member_or_null("pretty_name", os.pretty_name);
    write_texts(json, "id_like", os.id_like);
    json.close_object();
}

void write_kernel(JsonWriter& json, const model::KernelState& kernel) {
    json.key("kernel").open_object();
    json.member_or_null("running_release", kernel.running_release)
        .member_or_null("running_version", kernel.running_version)
        .member_or_null("newest_release", kernel.newest_release);
    json.key("container").boolean(kernel.container);
    json.member_or_null(
            "booted_at", kernel.booted_at ? format_instant(*kernel.booted_at) : std::string())
        .close_object();
}

void write_processes(JsonWriter& json, const std::vector<model::StaleProcess>& processes) {
    json.key("stale_processes").open_array();
    for (const model::StaleProcess& process : processes) {
        json.open_object().key("pid").number(process.pid);
        json.member("command", process.command)
            .member_or_null("unit", process.unit)
            .member_or_null("unit_kind", process.unit_kind);
        write_texts(json, "files", process.files);
        json.key("heuristic").boolean(process.heuristic).close_object();
    }
    json.close_array();
}

void write_listeners(JsonWriter& json, const std::vector<model::Listener>& listeners) {
    json.key("listeners").open_array();
    for (const model::Listener& listener : listeners) {
        json.open_object()
            .member("protocol", listener.protocol)
            .member("address", listener.address);
        json.key("port").number(listener.port).key("loopback").boolean(listener.loopback);
        json.key("pid").number(listener.pid);
        json.member_or_null("command", listener.command)
            .member_or_null("package", listener.package)
            .close_object();
    }
    json.close_array();
}

}  // namespace

void trim_changelogs(model::Inventory& inventory) {
    std::size_t told = 0;
    std::erase_if(inventory.changelogs, [&told](model::ChangelogEvidence& changelog) {
        changelog.news.clear();
        const bool is_too_much = told + changelog.vulnerabilities.size() > kMaxToldVulnerabilities;
        told += is_too_much ? 0 : changelog.vulnerabilities.size();
        return is_too_much;
    });
    std::erase_if(
        inventory.gaps, [](const model::Gap& gap) { return gap.code == "inventory.no_changelog"; });
}

std::string format_package_list(std::span<const model::InstalledPackage> packages) {
    std::vector<const model::InstalledPackage*> sorted;
    sorted.reserve(packages.size());
    for (const model::InstalledPackage& package : packages) {
        sorted.push_back(&package);
    }
    // Stable: what is listed twice keeps its order, so that equal lists give equal bytes.
    std::ranges::stable_sort(sorted, {}, [](const model::InstalledPackage* package) {
        return std::tie(package->type, package->name, package->architecture, package->version);
    });
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.packages/1").key("packages").open_array();
    for (const model::InstalledPackage* package : sorted) {
        write_package(json, *package);
    }
    json.close_array().close_object();
    return text;
}

std::string format_inventory(const model::Inventory& inventory, std::string_view package_list) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.inventory/1")
        .member("host", inventory.host)
        .member("package_list", package_list);
    write_system(json, inventory.os);
    json.member_or_null("architecture", inventory.architecture)
        .member_or_null("machine_id", inventory.machine_id);
    json.key("answer").written(format_apt_answer(
        {.index = inventory.index,
         .offers = inventory.offers,
         .changelogs = inventory.changelogs,
         .gaps = inventory.gaps}));
    write_kernel(json, inventory.kernel);
    write_processes(json, inventory.stale_processes);
    write_listeners(json, inventory.listeners);
    json.key("listeners_known").boolean(inventory.listeners_known);
    json.key("processes_known").boolean(inventory.processes_known);
    json.key("reboot_required").boolean(inventory.reboot_required);
    json.key("package_manager_interrupted").boolean(inventory.package_manager_interrupted);
    json.close_object();
    return text;
}

}  // namespace thimble::inventory
