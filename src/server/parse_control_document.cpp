#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/server/control_document.hpp"

#include <algorithm>

namespace thimble::server {
namespace {

constexpr std::string_view kFormat = "thimble.control/1";
constexpr std::string_view kMode = "mode";

Error bad_control(std::string what) {
    return failure(ErrorKind::Invalid, "server.bad_control", std::move(what));
}

/// The text of a member; empty: there is none.
std::string_view text_of(const JsonValue* object, std::string_view name) {
    const JsonValue* member = object == nullptr ? nullptr : member_of(*object, name);
    const auto* text = member == nullptr ? nullptr : std::get_if<std::string>(&member->value);
    return text == nullptr ? std::string_view() : *text;
}

/// Whether what is hardened so is not reached by anybody.
bool closes(const JsonValue& settings) {
    if (member_of(settings, "disable_unit") != nullptr) {
        return true;
    }
    const JsonValue* sandbox = member_of(settings, "sandbox");
    const JsonValue* directives = sandbox == nullptr ? nullptr : member_of(*sandbox, "directives");
    if (text_of(directives, "PrivateNetwork") == "yes") {
        return true;
    }
    return text_of(directives, "IPAddressDeny") == "any"
        && member_of(*directives, "IPAddressAllow") == nullptr;
}

/// Puts the mode into the settings of a virtual patch.
bool set_blocking(JsonValue& value) {
    auto* object = std::get_if<JsonValue::Object>(&value.value);
    if (object == nullptr) {
        return false;
    }
    const auto settings =
        std::ranges::find(*object, "settings", &JsonValue::Object::value_type::first);
    auto* members = settings == object->end()
        ? nullptr
        : std::get_if<JsonValue::Object>(&settings->second.value);
    if (members == nullptr) {
        return false;
    }
    std::erase_if(*members, [](const auto& member) { return member.first == kMode; });
    members->emplace_back(std::string(kMode), JsonValue{std::string("block")});
    return true;
}

}  // namespace

Result<ControlDocument> read_control_document(const JsonValue& value) {
    const std::string_view format = text_of(&value, "format");
    const auto kind = model::control_kind_named(text_of(&value, "kind"));
    const JsonValue* settings = member_of(value, "settings");
    const bool has_settings =
        settings != nullptr && std::holds_alternative<JsonValue::Object>(settings->value);
    if ((!format.empty() && format != kFormat) || !kind || !has_settings) {
        return bad_control(
            "the document of a control has the format thimble.control/1, a kind of "
            "docs/formats/control.md and settings");
    }
    ControlDocument document;
    document.kind = *kind;
    JsonWriter json(document.text);
    write_json(json, value);
    if (document.text.size() > protocol::kMaxControlBytes) {
        return bad_control("the document of a control has at most 24 KiB");
    }
    document.digest = sha256_of(document.text);
    document.blocks =
        *kind == model::ControlKind::VirtualPatch && text_of(settings, kMode) == "block";
    document.closes_listener = *kind == model::ControlKind::Hardening && closes(*settings);
    return document;
}

Result<ControlDocument> parse_control_document(std::string_view text) {
    const auto value = parse_json(text);
    return value ? read_control_document(*value) : Result<ControlDocument>(bad_control("no JSON"));
}

Result<ControlDocument> blocking(const ControlDocument& document) {
    auto value = parse_json(document.text);
    if (!value || document.kind != model::ControlKind::VirtualPatch || !set_blocking(*value)) {
        return bad_control("only a virtual patch has a mode in which it blocks");
    }
    return read_control_document(*value);
}

}  // namespace thimble::server
