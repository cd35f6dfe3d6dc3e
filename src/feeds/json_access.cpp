#include "thimble/feeds/json_access.hpp"

#include <algorithm>

namespace thimble::feeds {
namespace {

// The smallest buffer that is worth having: most records of a feed fit without growing it.
constexpr std::size_t kSmallestCapacity = std::size_t{1} << 20U;

}  // namespace

Result<JsonValue> parse_json(std::string_view text, const ParseContext& context) {
    simdjson::dom::parser& parser = context.scratch.parser;
    if (parser.capacity() < text.size() || parser.max_depth() != context.limits.max_depth) {
        const std::size_t capacity = std::max(text.size(), kSmallestCapacity);
        const auto error = parser.allocate(capacity, context.limits.max_depth);
        if (error != simdjson::SUCCESS) {
            return failure(ErrorKind::Unavailable, "feeds.no_memory", error_message(error));
        }
    }
    JsonValue root;
    const auto error = parser.parse(text.data(), text.size(), false).get(root);
    if (error == simdjson::DEPTH_ERROR) {
        return failure(
            ErrorKind::Corrupt,
            "feeds.bad_json",
            "JSON is nested deeper than " + std::to_string(context.limits.max_depth) + " levels");
    }
    if (error != simdjson::SUCCESS) {
        return failure(
            ErrorKind::Corrupt,
            "feeds.bad_json",
            std::string("invalid JSON: ") + simdjson::error_message(error));
    }
    return root;
}

std::optional<std::string_view> as_text(JsonValue value) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    return text;
}

std::string_view text_or_empty(JsonValue value) {
    return as_text(value).value_or(std::string_view{});
}

std::optional<JsonValue> member(JsonValue value, std::string_view key) {
    simdjson::dom::object object;
    JsonValue found;
    if (value.get_object().get(object) != simdjson::SUCCESS
        || object.at_key(key).get(found) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    return found;
}

std::string_view member_text(JsonValue value, std::string_view key) {
    const auto found = member(value, key);
    return found ? text_or_empty(*found) : std::string_view{};
}

}  // namespace thimble::feeds
