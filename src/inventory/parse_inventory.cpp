#include "thimble/base/json_members.hpp"
#include "thimble/inventory/apt_answer.hpp"
#include "thimble/inventory/inventory_document.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxItems = 100'000;  // of each list
constexpr std::size_t kDigestBytes = 64;

std::string bounded(JsonMembers& members, std::string_view name) {
    std::string text = members.text_or_null(name);
    if (text.size() > kMaxPackageTextBytes) {
        members.reject(name);
    }
    return text;
}

template <class Number>
Number small_count(JsonMembers& members, std::string_view name) {
    const std::uint64_t count = members.count(name);
    if (count > std::numeric_limits<Number>::max()) {
        members.reject(name);
        return 0;
    }
    return static_cast<Number>(count);
}

const JsonValue::Array& bounded_array(JsonMembers& members, std::string_view name) {
    const JsonValue::Array& items = members.array(name);
    if (items.size() > kMaxItems) {
        members.reject(name);
    }
    return items;
}

Result<model::OsRelease> read_system(const JsonValue& value) {
    JsonMembers members(value);
    model::OsRelease os{
        .id = bounded(members, "id"),
        .version_id = bounded(members, "version_id"),
        .version_codename = bounded(members, "version_codename"),
        .pretty_name = bounded(members, "pretty_name"),
        .id_like = members.texts("id_like")};
    THIMBLE_TRY(members.done());
    return os;
}

Result<model::KernelState> read_kernel_state(const JsonValue& value) {
    JsonMembers members(value);
    model::KernelState kernel;
    kernel.running_release = bounded(members, "running_release");
    kernel.running_version = bounded(members, "running_version");
    kernel.newest_release = bounded(members, "newest_release");
    kernel.container = members.boolean("container");
    const std::string booted_at = members.text_or_null("booted_at");
    THIMBLE_TRY(members.done());
    if (!booted_at.empty()) {
        THIMBLE_TRY(kernel.booted_at, parse_instant(booted_at));
    }
    return kernel;
}

Result<model::StaleProcess> read_process(const JsonValue& value) {
    JsonMembers members(value);
    model::StaleProcess process;
    process.pid = small_count<std::uint32_t>(members, "pid");
    process.command = members.text("command");
    process.unit = bounded(members, "unit");
    process.unit_kind = bounded(members, "unit_kind");
    process.files = members.texts("files");
    process.heuristic = members.boolean("heuristic");
    THIMBLE_TRY(members.done());
    return process;
}

Result<model::Listener> read_listener(const JsonValue& value) {
    JsonMembers members(value);
    model::Listener listener;
    listener.protocol = bounded(members, "protocol");
    listener.address = bounded(members, "address");
    listener.port = small_count<std::uint16_t>(members, "port");
    listener.loopback = members.boolean("loopback");
    listener.pid = small_count<std::uint32_t>(members, "pid");
    listener.command = members.text_or_null("command");
    listener.package = bounded(members, "package");
    THIMBLE_TRY(members.done());
    return listener;
}

std::string read_digest(JsonMembers& members, std::string_view name) {
    std::string text = members.text(name);
    const bool is_digest = text.size() == kDigestBytes && std::ranges::all_of(text, [](char c) {
                               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                           });
    if (!is_digest) {
        members.reject(name);
    }
    return text;
}

void read_states(JsonMembers& members, model::Inventory& inventory) {
    inventory.listeners_known = members.boolean("listeners_known");
    inventory.processes_known = members.boolean("processes_known");
    inventory.reboot_required = members.boolean("reboot_required");
    inventory.package_manager_interrupted = members.boolean("package_manager_interrupted");
}

Result<InventoryDocument> read_document(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    if (members.text("format") != "thimble.inventory/1") {
        members.reject("format");
    }
    InventoryDocument read;
    model::Inventory& inventory = read.inventory;
    inventory.host = members.text("host");
    read.package_list = read_digest(members, "package_list");
    inventory.architecture = bounded(members, "architecture");
    inventory.machine_id = bounded(members, "machine_id");
    read_states(members, inventory);
    const JsonValue::Array& processes = bounded_array(members, "stale_processes");
    const JsonValue::Array& listeners = bounded_array(members, "listeners");
    const JsonValue& answer = members.member("answer");
    THIMBLE_TRY(members.done());
    THIMBLE_TRY(inventory.os, read_system(members.member("os")));
    THIMBLE_TRY(inventory.kernel, read_kernel_state(members.member("kernel")));
    THIMBLE_TRY(
        inventory.stale_processes, read_items<model::StaleProcess>(processes, read_process));
    THIMBLE_TRY(inventory.listeners, read_items<model::Listener>(listeners, read_listener));
    THIMBLE_TRY(AptAnswer offered, read_apt_answer(answer));
    inventory.index = std::move(offered.index);
    inventory.offers = std::move(offered.offers);
    inventory.changelogs = std::move(offered.changelogs);
    inventory.gaps = std::move(offered.gaps);
    return read;
}

}  // namespace

Result<InventoryDocument> parse_inventory(std::string_view text) {
    auto document = text.size() > kMaxInventoryBytes ? failure(ErrorKind::Corrupt, "", "too long")
                                                     : read_document(text);
    if (!document) {
        Error why = std::move(document).error();
        why.kind = ErrorKind::Corrupt;
        why.code = "inventory.bad_document";
        return because("an inventory", std::move(why));
    }
    return document;
}

}  // namespace thimble::inventory
