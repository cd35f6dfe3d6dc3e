#pragma once
/// @file Writes JSON (RFC 8259) straight into a buffer: a scan prints thousands of findings in a few
/// milliseconds, which a tree of values would not allow.

#include <cstdint>
#include <string>
#include <string_view>

namespace thimble {

/// Appends one JSON document to a string. The caller opens and closes; commas and escapes are ours.
/// Invalid UTF-8 in a string is written as U+FFFD, so that the output is always valid JSON.
class JsonWriter {
public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& open_object();
    JsonWriter& close_object();
    JsonWriter& open_array();
    JsonWriter& close_array();
    JsonWriter& key(std::string_view name);

    JsonWriter& text(std::string_view value);
    JsonWriter& number(std::int64_t value);
    JsonWriter& real(double value, int decimals);
    JsonWriter& boolean(bool value);
    JsonWriter& null();

    /// key and value in one: member("id", "CVE-…").
    JsonWriter& member(std::string_view name, std::string_view value) {
        return key(name).text(value);
    }
    /// Absent is null.
    JsonWriter& member_or_null(std::string_view name, std::string_view value) {
        return value.empty() ? key(name).null() : key(name).text(value);
    }

private:
    void separate();
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);

    std::string& out_;
    bool has_items_ = false;  // the innermost open object or array has one
    bool after_key_ = false;
};

}  // namespace thimble
