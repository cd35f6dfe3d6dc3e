#pragma once
/// @file Private to this room's .cpp files: simdjson, bounded and without exceptions.

#include "thimble/feeds/document.hpp"

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace thimble::feeds {

/// The JSON parser with its memory, kept from one document to the next.
class JsonScratch {
public:
    simdjson::dom::parser parser;
};

using JsonValue = simdjson::dom::element;

/// The root of the document, valid until the scratch is used again. `text` is followed by at least
/// PaddedText::kPadding readable bytes.
/// @error Corrupt "feeds.bad_json"  not JSON, not UTF-8, or nested deeper than the limit
Result<JsonValue> parse_json(std::string_view text, const ParseContext& context);

/// The string, or nothing where the value is of another type.
std::optional<std::string_view> as_text(JsonValue value);
/// The string, or "" where the value is of another type.
std::string_view text_or_empty(JsonValue value);
/// The member of an object; nothing where there is none or `value` is no object.
std::optional<JsonValue> member(JsonValue value, std::string_view key);
/// The member as a string; "" where it is missing or of another type.
std::string_view member_text(JsonValue value, std::string_view key);

/// Calls `visit(JsonValue)` for the items of an array; not at all where `value` is no array.
template <class Visit>
void for_each_item(JsonValue value, Visit visit) {
    simdjson::dom::array array;
    if (!value.get_array().get(array)) {
        for (const JsonValue item : array) {
            visit(item);
        }
    }
}

/// Calls `visit(key, JsonValue)` for the members of an object; not at all where `value` is none.
template <class Visit>
void for_each_member(JsonValue value, Visit visit) {
    simdjson::dom::object object;
    if (!value.get_object().get(object)) {
        for (const auto field : object) {
            visit(field.key, field.value);
        }
    }
}

}  // namespace thimble::feeds
