#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/mitigate/control.hpp"
#include "thimble/server/control_document.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <variant>

namespace thimble::server {
namespace {

using mitigate::UnitSandbox;

Error bad_control(std::string what) {
    return failure(ErrorKind::Invalid, "server.bad_control", std::move(what));
}

bool has(const UnitSandbox& sandbox, std::string_view name, std::string_view value) {
    return std::ranges::any_of(sandbox.directives, [&](const UnitSandbox::Directive& one) {
        return one.name == name && (value.empty() || one.value == value);
    });
}

/// Whether nobody reaches what is hardened so.
bool closes(const mitigate::Hardening& hardening) {
    if (const auto* const sandbox = std::get_if<UnitSandbox>(&hardening)) {
        return has(*sandbox, "PrivateNetwork", "yes")
            || (has(*sandbox, "IPAddressDeny", "any") && !has(*sandbox, "IPAddressAllow", ""));
    }
    return std::holds_alternative<mitigate::DisabledUnit>(hardening)
        || std::holds_alternative<mitigate::RemovedPackage>(hardening);
}

/// A unit whose packets are dropped listens on; one without a network of the host's does not.
std::string fenced_unit(const mitigate::Hardening& hardening) {
    const auto* const sandbox = std::get_if<UnitSandbox>(&hardening);
    return sandbox != nullptr && !has(*sandbox, "PrivateNetwork", "yes") ? sandbox->unit : "";
}

ControlDocument document_of(const mitigate::Control& control) {
    const auto* const patch = std::get_if<mitigate::VirtualPatchDelivery>(&control.settings);
    const auto* const hardening = std::get_if<mitigate::Hardening>(&control.settings);
    ControlDocument document;
    document.kind = model::control_kind_named(mitigate::control_kind_name(control.kind()))
                        .value_or(model::ControlKind::External);
    document.text = mitigate::format_control(control);
    document.digest = sha256_of(document.text);
    document.blocks = patch != nullptr && patch->mode == mitigate::ShieldMode::Block;
    document.brings_rules =
        patch != nullptr && patch->patch.attack == mitigate::AttackClass::OwnRules;
    document.closes_listener = hardening != nullptr && closes(*hardening);
    document.removes_package =
        hardening != nullptr && std::holds_alternative<mitigate::RemovedPackage>(*hardening);
    document.fenced_unit = hardening != nullptr ? fenced_unit(*hardening) : "";
    return document;
}

std::vector<mitigate::ControlProbe>* probes_of(mitigate::Control& control) {
    if (auto* const segmentation = std::get_if<mitigate::Segmentation>(&control.settings)) {
        return &segmentation->probes;
    }
    auto* const isolation = std::get_if<mitigate::Isolation>(&control.settings);
    return isolation == nullptr ? nullptr : &isolation->probes;
}

}  // namespace

Result<ControlDocument> read_control_document(const JsonValue& value) {
    std::string text;
    JsonWriter json(text);
    write_json(json, value);
    return parse_control_document(text);
}

Result<ControlDocument> parse_control_document(std::string_view text) {
    const auto control = mitigate::parse_control(text);
    if (!control) {
        return bad_control(control.error().text());
    }
    ControlDocument document = document_of(*control);
    if (document.text.size() > mitigate::kMaxControlDocument) {
        return bad_control("the document of a control has at most 24 KiB");
    }
    return document;
}

std::vector<std::string> named_hosts(const ControlDocument& document) {
    auto control = mitigate::parse_control(document.text);
    const auto* const probes = control ? probes_of(*control) : nullptr;
    std::set<std::string> names;
    if (probes != nullptr) {
        for (const mitigate::ControlProbe& probe : *probes) {
            names.insert(probe.host);
            names.insert(probe.of);
        }
    }
    names.erase("");
    return {names.begin(), names.end()};
}

ControlDocument with_hosts(
    const ControlDocument& document, const std::map<std::string, std::string>& ids) {
    auto control = mitigate::parse_control(document.text);
    auto* const probes = control ? probes_of(*control) : nullptr;
    if (probes == nullptr) {
        return document;
    }
    const auto rename = [&](std::string& name) {
        const auto found = ids.find(name);
        name = found == ids.end() ? name : found->second;
    };
    for (mitigate::ControlProbe& probe : *probes) {
        rename(probe.host);
        rename(probe.of);
    }
    return document_of(*control);
}

Result<ControlDocument> blocking(const ControlDocument& document) {
    auto control = mitigate::parse_control(document.text);
    auto* const patch =
        control ? std::get_if<mitigate::VirtualPatchDelivery>(&control->settings) : nullptr;
    if (patch == nullptr) {
        return bad_control("only a virtual patch has a mode in which it blocks");
    }
    patch->mode = mitigate::ShieldMode::Block;
    return document_of(*control);
}

}  // namespace thimble::server
