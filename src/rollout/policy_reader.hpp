#pragma once
/// @file Reads the members of a policy's mappings: every error names the place, every member is known.

#include "thimble/base/json_members.hpp"
#include "thimble/rollout/policy.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rollout {

/// One mapping of a policy. Members that were not asked for are refused by `done`.
class PolicyReader {
public:
    PolicyReader(const JsonValue& value, std::string place);

    /// A member; nullptr: it is not there, or null.
    const JsonValue* find(std::string_view name);
    [[nodiscard]] std::string place_of(std::string_view name) const;

    Result<std::string> text(std::string_view name);  ///< must be there
    Result<std::string> text_or(std::string_view name, std::string_view otherwise);
    Result<std::vector<std::string>> texts(std::string_view name);  ///< one text is a list of one
    Result<std::uint32_t> count_or(
        std::string_view name, std::uint32_t otherwise, std::uint32_t most);
    Result<int> whole_number_or(std::string_view name, int otherwise);
    /// "95%", "0.5%" in ten-thousandths.
    Result<std::uint32_t> share_or(std::string_view name, std::uint32_t otherwise);
    Result<std::chrono::seconds> length_or(std::string_view name, std::chrono::seconds otherwise);
    /// A number of hosts or a share.
    Result<std::optional<HostLimit>> limit(std::string_view name);
    /// The items of a list of mappings, each by `read(PolicyReader&)`.
    template <class Item, class Read>
    Result<std::vector<Item>> items(std::string_view name, Read read) {
        std::vector<Item> items;
        THIMBLE_TRY(const JsonValue::Array* array, array_of(name));
        for (std::size_t at = 0; array != nullptr && at < array->size(); ++at) {
            PolicyReader reader((*array)[at], place_of(name) + "[" + std::to_string(at + 1) + "]");
            THIMBLE_TRY(items.emplace_back(), read(reader));
            THIMBLE_TRY(reader.done());
        }
        return items;
    }

    /// @error Invalid "rollout.bad_policy": no mapping, or a member that nobody knows
    [[nodiscard]] Result<void> done() const;
    [[nodiscard]] Error bad(std::string_view name, std::string what) const;

private:
    Result<const JsonValue::Array*> array_of(std::string_view name);

    const JsonValue::Object* object_;
    std::string place_;
    std::vector<std::string_view> known_;
};

/// What a mapping that was left out is.
JsonValue empty_mapping();

/// "5%", "0.25 %": ten-thousandths, 0 to 10,000.
std::optional<std::uint32_t> share_of(std::string_view text);

}  // namespace thimble::rollout
