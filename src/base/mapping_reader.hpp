#pragma once
/// @file Reads the members of mappings that people wrote: every error names the place, every member is known.

#include "thimble/base/json_members.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble {

/// Everything that is wrong with a document, in the order in which it was found; bounded.
inline constexpr std::size_t kMostMappingErrors = 20;
using MappingErrors = std::vector<Error>;

/// One mapping of a document. Members that were not asked for are refused by `done`.
class MappingReader {
public:
    /// @param code    of every error: "room.what"; a literal
    /// @param errors  where they are put, so that the rest is read, too; nullptr: the first one ends it
    MappingReader(
        const JsonValue& value,
        std::string place,
        std::string_view code,
        MappingErrors* errors = nullptr);

    /// A member; nullptr: it is not there, or null.
    const JsonValue* find(std::string_view name);
    [[nodiscard]] std::string place_of(std::string_view name) const;

    Result<std::string> text(std::string_view name);  ///< must be there
    Result<std::string> text_or(std::string_view name, std::string_view left_out);
    Result<std::vector<std::string>> texts(std::string_view name);  ///< one text is a list of one
    Result<std::uint32_t> count_or(
        std::string_view name, std::uint32_t left_out, std::uint32_t most);
    Result<int> whole_number_or(std::string_view name, int left_out);
    /// Any bytes, so many at most; empty: it is not there.
    Result<std::string> block(std::string_view name, std::size_t most);
    /// The items of a list of mappings, each by `read(MappingReader&)`.
    template <class Item, class Read>
    Result<std::vector<Item>> items(std::string_view name, const Read& read) {
        std::vector<Item> items;
        THIMBLE_TRY(const JsonValue::Array* array, array_of(name));
        for (std::size_t at = 0; array != nullptr && at < array->size(); ++at) {
            THIMBLE_TRY(
                items.emplace_back(),
                whole<Item>(
                    (*array)[at], place_of(name) + "[" + std::to_string(at + 1) + "]", read));
        }
        return items;
    }
    /// A mapping within this one, by `read(MappingReader&)`. What is wrong with it because something in it could not be
    /// read is not told besides.
    template <class Value, class Read>
    Result<Value> whole(const JsonValue& value, std::string place, const Read& read) {
        // NOLINTNEXTLINE(misc-const-correctness): whoever reads notes in it what was asked for
        MappingReader reader(value, std::move(place), code_, errors_);
        const std::size_t before = errors_ == nullptr ? 0 : errors_->size();
        auto item = read(reader);
        if (item) {
            THIMBLE_TRY(reader.done());
            return item;
        }
        // Not all of its members were asked for, so that what is unknown cannot be told.
        if (errors_ == nullptr || errors_->size() == before) {
            THIMBLE_TRY(note(item.error()));
        }
        return Value();
    }
    /// Puts what was read where it belongs; what could not be is noted.
    template <class Value>
    Result<void> keep(Value& target, Result<Value> read) const {
        if (!read) {
            return note(read.error());
        }
        target = *std::move(read);
        return {};
    }
    /// What is read on with where something was wrong.
    template <class Value>
    Result<Value> otherwise(Value value, Error error) const {
        THIMBLE_TRY(note(std::move(error)));
        return value;
    }
    /// Says what is wrong with a member; the others are read all the same.
    /// @error as bad, where the first one ends it, or when there are too many
    [[nodiscard]] Result<void> refuse(std::string_view name, std::string what) const;
    /// Whether nothing is known to be wrong with a member, or within it.
    [[nodiscard]] bool is_clean(std::string_view name) const;
    /// The same of all members: then it can be told whether they fit together.
    [[nodiscard]] bool is_clean() const;

    /// @error Invalid: no mapping, or a member that nobody knows
    [[nodiscard]] Result<void> done() const;
    [[nodiscard]] Error bad(std::string_view name, std::string what) const;

private:
    Result<const JsonValue::Array*> array_of(std::string_view name);
    /// @return the error where the first one ends it, or when there are too many
    [[nodiscard]] Result<void> note(Error error) const;

    const JsonValue::Object* object_;
    std::string place_;
    std::string_view code_;
    MappingErrors* errors_;
    std::vector<std::string_view> known_;
};

/// What a mapping that was left out is.
JsonValue empty_mapping();

}  // namespace thimble
