#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/shield/filter_rules.hpp"

#include <utility>

namespace thimble::shield {
namespace {

/// What nft printed. clang 19 must have met a whole value before it meets the members of an object.
Result<JsonValue> document_of(std::string_view listing) {
    THIMBLE_TRY(JsonValue document, parse_json(listing));
    return document;
}

/// Handles differ after each load, counts after each packet.
void drop_what_changes(JsonValue& value) {
    if (auto* const array = std::get_if<JsonValue::Array>(&value.value)) {
        for (JsonValue& item : *array) {
            drop_what_changes(item);
        }
        return;
    }
    auto* const object = std::get_if<JsonValue::Object>(&value.value);
    if (object == nullptr) {
        return;
    }
    std::erase_if(*object, [](const auto& member) { return member.first == "handle"; });
    for (auto& [name, inner] : *object) {
        if (name == "counter") {
            inner.value.emplace<std::nullptr_t>();
        }
        drop_what_changes(inner);
    }
}

}  // namespace

Result<std::string> rules_in_force(std::string_view listing) {
    if (listing.size() > kMaxListingBytes) {
        return failure(ErrorKind::Corrupt, "shield.bad_rules", "the rules in force are too many");
    }
    THIMBLE_TRY(const JsonValue document, document_of(listing));
    const JsonValue* const items = member_of(document, "nftables");
    const auto* const array =
        items == nullptr ? nullptr : std::get_if<JsonValue::Array>(&items->value);
    if (array == nullptr) {
        return failure(ErrorKind::Corrupt, "shield.bad_rules", "nft gave no list of rules");
    }
    std::string text;
    JsonWriter json(text);
    json.open_array();
    for (JsonValue item : *array) {
        if (member_of(item, "metainfo") == nullptr) {
            drop_what_changes(item);
            write_json(json, item);
        }
    }
    json.close_array();
    return text;
}

}  // namespace thimble::shield
