#include "thimble/base/json_members.hpp"

#include "thimble/base/json_writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>

namespace thimble {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxItems = 1'000'000;

Error bad_json(std::string_view what) {
    return failure(ErrorKind::Corrupt, "base.bad_json", "not as expected: " + std::string(what));
}

std::string text_of(std::string_view text) {
    return std::string(text);
}

// NOLINTNEXTLINE(misc-no-recursion): the parser has bounded the depth
JsonValue value_of(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null: return {nullptr};
        case json::kind::bool_: return {value.get_bool()};
        case json::kind::int64: return {value.get_int64()};
        case json::kind::uint64:
        case json::kind::double_: return {value.to_number<double>()};
        case json::kind::string: return {text_of(value.get_string())};
        case json::kind::array: {
            JsonValue::Array items;
            items.reserve(value.get_array().size());
            for (const json::value& item : value.get_array()) {
                items.push_back(value_of(item));
            }
            return {std::move(items)};
        }
        case json::kind::object: {
            JsonValue::Object members;
            members.reserve(value.get_object().size());
            for (const auto& member : value.get_object()) {
                members.emplace_back(text_of(member.key()), value_of(member.value()));
            }
            return {std::move(members)};
        }
    }
    return {nullptr};
}

const JsonValue* found_in(const JsonValue::Object& object, std::string_view name) {
    const auto found = std::ranges::find(
        object, name, [](const auto& member) -> std::string_view { return member.first; });
    return found == object.end() ? nullptr : &found->second;
}

struct ValueWriter {
    static constexpr int kDecimals = 6;

    JsonWriter& json;

    void operator()(std::nullptr_t /*value*/) const { json.null(); }
    void operator()(bool value) const { json.boolean(value); }
    void operator()(std::int64_t value) const { json.number(value); }
    void operator()(double value) const { json.real(value, kDecimals); }
    void operator()(const std::string& value) const { json.text(value); }
    void operator()(const JsonValue::Array& array) const {
        json.open_array();
        for (const JsonValue& item : array) {
            write_json(json, item);
        }
        json.close_array();
    }
    void operator()(const JsonValue::Object& object) const {
        json.open_object();
        for (const auto& member : object) {
            json.key(member.first);
            write_json(json, member.second);
        }
        json.close_object();
    }
};

}  // namespace

Result<JsonValue> parse_json(std::string_view text) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = kMaxDepth;
    const json::value value = json::parse(text, error, {}, options);
    if (error) {
        return bad_json(error.message());
    }
    return value_of(value);
}

const JsonValue* member_of(const JsonValue& value, std::string_view name) {
    const auto* object = std::get_if<JsonValue::Object>(&value.value);
    return object == nullptr ? nullptr : found_in(*object, name);
}

// NOLINTNEXTLINE(misc-no-recursion): the parser has bounded the depth
void write_json(JsonWriter& json, const JsonValue& value) {
    std::visit(ValueWriter{json}, value.value);
}

JsonMembers::JsonMembers(const JsonValue& value)
    : object_(std::get_if<JsonValue::Object>(&value.value)) {
    if (object_ == nullptr) {
        wrong_ = "an object";
    }
}

const JsonValue* JsonMembers::find(std::string_view name) const {
    return object_ == nullptr ? nullptr : found_in(*object_, name);
}

void JsonMembers::reject(std::string_view name) {
    if (wrong_.empty()) {
        wrong_ = name;
    }
}

std::string JsonMembers::text(std::string_view name) {
    const JsonValue* value = find(name);
    const auto* found = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
    if (found == nullptr) {
        reject(name);
        return {};
    }
    return *found;
}

bool JsonMembers::is_null(std::string_view name) const {
    const JsonValue* value = find(name);
    return value == nullptr || std::holds_alternative<std::nullptr_t>(value->value);
}

std::string JsonMembers::text_or_null(std::string_view name) {
    return is_null(name) ? std::string() : text(name);
}

bool JsonMembers::boolean(std::string_view name) {
    const JsonValue* value = find(name);
    const auto* found = value == nullptr ? nullptr : std::get_if<bool>(&value->value);
    if (found == nullptr) {
        reject(name);
        return false;
    }
    return *found;
}

std::int64_t JsonMembers::number(std::string_view name) {
    const JsonValue* value = find(name);
    const auto* found = value == nullptr ? nullptr : std::get_if<std::int64_t>(&value->value);
    if (found == nullptr) {
        reject(name);
        return 0;
    }
    return *found;
}

std::uint64_t JsonMembers::count(std::string_view name) {
    const std::int64_t found = number(name);
    if (found < 0) {
        reject(name);
        return 0;
    }
    return static_cast<std::uint64_t>(found);
}

std::optional<std::uint64_t> JsonMembers::count_or_null(std::string_view name) {
    return is_null(name) ? std::nullopt : std::optional{count(name)};
}

const JsonValue::Array& JsonMembers::array(std::string_view name) {
    static const JsonValue::Array kNone;
    const JsonValue* value = find(name);
    const auto* found = value == nullptr ? nullptr : std::get_if<JsonValue::Array>(&value->value);
    if (found == nullptr || found->size() > kMaxItems) {
        reject(name);
        return kNone;
    }
    return *found;
}

std::vector<std::string> JsonMembers::texts(std::string_view name) {
    std::vector<std::string> out;
    for (const JsonValue& value : array(name)) {
        const auto* found = std::get_if<std::string>(&value.value);
        if (found == nullptr) {
            reject(name);
            return out;
        }
        out.push_back(*found);
    }
    return out;
}

const JsonValue& JsonMembers::member(std::string_view name) {
    static const JsonValue kNull{nullptr};
    const JsonValue* value = find(name);
    return value == nullptr ? kNull : *value;
}

Result<void> JsonMembers::done() const {
    if (!wrong_.empty()) {
        return bad_json(wrong_);
    }
    return {};
}

}  // namespace thimble
