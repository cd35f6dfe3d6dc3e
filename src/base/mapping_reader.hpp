#pragma once
/// @file Reads the members of a mapping that people wrote: every error names the place, every member is known.

#include "thimble/base/json_members.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble {

/// One mapping of a document. Members that were not asked for are refused by `done`.
class MappingReader {
public:
    /// @param code  of every error: "room.what"
    MappingReader(const JsonValue& value, std::string place, std::string_view code);

    /// A member; nullptr: it is not there, or null.
    const JsonValue* find(std::string_view name);
    [[nodiscard]] std::string place_of(std::string_view name) const;

    Result<std::string> text(std::string_view name);  ///< one line; must be there
    Result<std::string> text_or(std::string_view name, std::string_view otherwise);
    /// Any bytes, so many at most; empty: it is not there.
    Result<std::string> block(std::string_view name, std::size_t most);
    Result<std::vector<std::string>> texts(std::string_view name);  ///< one text is a list of one
    Result<std::uint32_t> count_or(
        std::string_view name, std::uint32_t otherwise, std::uint32_t most);
    /// The items of a list of mappings, each by `read(MappingReader&)`.
    template <class Item>
    Result<std::vector<Item>> items(
        std::string_view name, const std::function<Result<Item>(MappingReader&)>& read) {
        std::vector<Item> items;
        THIMBLE_TRY(const JsonValue::Array* array, array_of(name));
        for (std::size_t at = 0; array != nullptr && at < array->size(); ++at) {
            MappingReader reader(
                (*array)[at], place_of(name) + "[" + std::to_string(at + 1) + "]", code_);
            THIMBLE_TRY(items.emplace_back(), read(reader));
            THIMBLE_TRY(reader.done());
        }
        return items;
    }

    /// @error Invalid: no mapping, or a member that nobody knows
    [[nodiscard]] Result<void> done() const;
    [[nodiscard]] Error bad(std::string_view name, std::string what) const;

private:
    Result<const JsonValue::Array*> array_of(std::string_view name);

    const JsonValue::Object* object_;
    std::string place_;
    std::string_view code_;
    std::vector<std::string_view> known_;
};

/// What a mapping that was left out is.
JsonValue empty_mapping();

}  // namespace thimble
