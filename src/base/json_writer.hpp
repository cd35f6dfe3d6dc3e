#pragma once
/// @file Writes JSON (RFC 8259) straight into a buffer: a scan prints thousands of findings in a few
/// milliseconds, which a tree of values would not allow.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace thimble {

/// Whether a byte stands in a JSON string as it is; of ASCII only.
constexpr bool is_plain_in_json(char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/// The name of a member. Of a literal the compiler finds that it needs no escape; what is data is
/// escaped like any text.
class JsonKey {
public:
    // NOLINTBEGIN(google-explicit-constructor): literals and texts are keys
    template <std::size_t Size>
    // NOLINTNEXTLINE(*-avoid-c-arrays): the type of a literal
    consteval JsonKey(const char (&name)[Size])
        : name_(name, Size - 1), is_plain_(std::ranges::all_of(name_, is_plain_in_json)) {}
    JsonKey(std::string_view name) : name_(name) {}
    JsonKey(const std::string& name) : name_(name) {}
    // NOLINTEND(google-explicit-constructor)

    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] bool is_plain() const { return is_plain_; }

private:
    std::string_view name_;
    bool is_plain_ = false;
};

/// Appends one JSON document to a string. The caller opens and closes; commas and escapes are ours.
/// Invalid UTF-8 in a string is written as U+FFFD, so that the output is always valid JSON.
class JsonWriter {
public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& open_object();
    JsonWriter& close_object();
    JsonWriter& open_array();
    JsonWriter& close_array();
    JsonWriter& key(JsonKey key);

    JsonWriter& text(std::string_view value);
    JsonWriter& number(std::int64_t value);
    JsonWriter& real(double value, int decimals);
    JsonWriter& boolean(bool value);
    JsonWriter& null();

    /// A value that a JsonWriter has written before, as it stands in its output.
    JsonWriter& written(std::string_view value) { return literal(value); }

    /// key and value in one: member("id", "CVE-…").
    JsonWriter& member(JsonKey key, std::string_view value);
    /// key and an array of texts.
    JsonWriter& member(JsonKey key, std::span<const std::string> texts);
    /// Absent is null.
    JsonWriter& member_or_null(JsonKey key, std::string_view value) {
        return value.empty() ? this->key(key).null() : member(key, value);
    }

private:
    char* begin_value(std::size_t size);
    JsonWriter& literal(std::string_view text);
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);

    std::string& out_;
    bool has_items_ = false;  // the innermost open object or array has one
    bool after_key_ = false;
};

}  // namespace thimble
