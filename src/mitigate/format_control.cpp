#include "thimble/base/json_writer.hpp"
#include "thimble/mitigate/control.hpp"
#include "thimble/mitigate/parse_virtual_patch.hpp"

namespace thimble::mitigate {
namespace {

/// Lists that are empty are left out: who reads a document by eye takes an empty list for "all" or "none" at will.
void write_texts(JsonWriter& json, JsonKey key, const std::vector<std::string>& texts) {
    if (!texts.empty()) {
        json.member(key, texts);
    }
}

void write(JsonWriter& json, const GuardedPort& guarded) {
    json.open_object().member("protocol", transport_name(guarded.protocol));
    json.key("port").number(guarded.port).close_object();
}

void write(JsonWriter& json, const KeptServer& kept) {
    json.open_object().member("protocol", transport_name(kept.protocol));
    json.member("address", kept.address).key("port").number(kept.port).close_object();
}

void write(JsonWriter& json, const Management& management) {
    json.open_object().member("protocol", transport_name(management.protocol));
    json.key("port").number(management.port).member("from", management.from).close_object();
}

void write(JsonWriter& json, const ControlProbe& probe) {
    json.open_object().member("from", probe.from_allowed ? "allowed" : "refused");
    json.member("address", probe.address).key("port").number(probe.port);
    if (!probe.space.empty()) {
        json.member("space", probe.space);
    }
    if (!probe.host.empty()) {
        json.member("host", probe.host);
    }
    if (!probe.of.empty()) {
        json.member("of", probe.of);
    }
    json.close_object();
}

void write(JsonWriter& json, const FileWatch& watch) {
    json.open_object().member("path", watch.path);
    json.member("permissions", watch.permissions).close_object();
}

template <class Item>
void write_list(JsonWriter& json, JsonKey key, const std::vector<Item>& items) {
    if (items.empty()) {
        return;
    }
    json.key(key).open_array();
    for (const Item& item : items) {
        write(json, item);
    }
    json.close_array();
}

struct WriteHardening {
    JsonWriter& json;

    void operator()(const DisabledUnit& one) const { json.member("disable_unit", one.unit); }
    void operator()(const BlacklistedModule& one) const {
        json.member("blacklist_module", one.module);
    }
    void operator()(const RemovedPackage& one) const { json.member("remove_package", one.package); }
    void operator()(const KernelSetting& one) const {
        json.key("sysctl").open_object().member("name", one.name);
        json.member("value", one.value).close_object();
    }
    void operator()(const UnitSandbox& one) const {
        json.key("sandbox").open_object().member("unit", one.unit);
        json.key("directives").open_object();
        for (const UnitSandbox::Directive& directive : one.directives) {
            json.member(directive.name, directive.value);
        }
        json.close_object().close_object();
    }
};

struct WriteSettings {
    JsonWriter& json;

    void operator()(const Segmentation& one) const {
        write_list(json, "listeners", one.listeners);
        write_texts(json, "allow", one.allow);
        write_list(json, "keep", one.keep);
        json.key("revert_seconds").number(one.revert_seconds);
        write_list(json, "probes", one.probes);
    }
    void operator()(const Isolation& one) const {
        write_list(json, "keep", one.keep);
        write_list(json, "manage", one.manage);
        json.key("revert_seconds").number(one.revert_seconds);
        write_list(json, "probes", one.probes);
    }
    void operator()(const VirtualPatchDelivery& one) const {
        json.member("server", one.server == WebServer::Nginx ? "nginx" : "apache");
        json.member("mode", shield_mode_name(one.mode));
        write_virtual_patch(json.key("patch"), one.patch);
        json.member("address", one.address).key("port").number(one.port);
        if (!one.host.empty()) {
            json.member("host", one.host);
        }
        if (!one.bypass_ports.empty()) {
            json.key("bypass_ports").open_array();
            for (const std::uint16_t port : one.bypass_ports) {
                json.number(port);
            }
            json.close_array();
        }
    }
    void operator()(const Monitoring& one) const {
        write_list(json, "watch", one.watch);
        write_texts(json, "programs", one.programs);
        json.key("within_seconds").number(one.within_seconds);
    }
    void operator()(const Hardening& one) const { std::visit(WriteHardening{json}, one); }
    void operator()(const ExternalControl& one) const {
        json.member("what", one.what);
        if (!one.reference.empty()) {
            json.member("reference", one.reference);
        }
    }
};

}  // namespace

std::string format_control(const Control& control) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.control/1");
    json.member("kind", control_kind_name(control.kind())).key("settings").open_object();
    std::visit(WriteSettings{json}, control.settings);
    json.close_object().close_object();
    return text;
}

}  // namespace thimble::mitigate
