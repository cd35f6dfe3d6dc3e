#pragma once
/// @file Reads a small JSON document (RFC 8259) member by member: our own files and the answers of our
/// own programs. Not for feeds, which are gigabytes.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace thimble {

class JsonWriter;

/// One value of a parsed document.
struct JsonValue {
    using Array = std::vector<JsonValue>;
    using Object =
        std::vector<std::pair<std::string, JsonValue>>;  ///< in the order of the document
    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value;
};

/// @error Corrupt "base.bad_json": not JSON, or deeper than 16
Result<JsonValue> parse_json(std::string_view text);

/// A member of an object; nullptr: it has none of that name, or is no object.
const JsonValue* member_of(const JsonValue& value, std::string_view name);

/// Writes a value as it was read: members in their order, numbers with six decimals where they had any.
void write_json(JsonWriter& json, const JsonValue& value);

/// Reads the members of one object. The first that is missing or of the wrong type is remembered, and
/// the rest read on, so that a reader is a plain list of members and asks once at its end.
class JsonMembers {
public:
    explicit JsonMembers(const JsonValue& value);

    std::string text(std::string_view name);
    std::string text_or_null(std::string_view name);  ///< null is empty
    bool boolean(std::string_view name);
    std::int64_t number(std::string_view name);
    std::uint64_t count(std::string_view name);  ///< a number that is not negative
    std::optional<std::uint64_t> count_or_null(std::string_view name);
    std::vector<std::string> texts(std::string_view name);
    const JsonValue::Array& array(std::string_view name);  ///< at most 1,000,000 items
    const JsonValue& member(std::string_view name);
    [[nodiscard]] bool is_null(std::string_view name) const;  ///< missing counts as null

    /// What the reader itself found wrong with a member.
    void reject(std::string_view name);

    /// @error Corrupt "base.bad_json" names the member
    Result<void> done() const;

private:
    [[nodiscard]] const JsonValue* find(std::string_view name) const;

    const JsonValue::Object* object_;
    std::string wrong_;
};

/// Every item of an array by `read`, which gives a Result<Item>.
template <class Item, class Read>
Result<std::vector<Item>> read_items(const JsonValue::Array& array, Read read) {
    std::vector<Item> items;
    items.reserve(array.size());
    for (const JsonValue& value : array) {
        THIMBLE_TRY(items.emplace_back(), read(value));
    }
    return items;
}

}  // namespace thimble
