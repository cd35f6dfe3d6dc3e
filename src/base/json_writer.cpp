#include "thimble/base/json_writer.hpp"

#include "thimble/base/utf8.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace thimble {
namespace {

/// Which bytes stand in a JSON string as they are.
constexpr std::array<bool, 256> kPlain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < 0x7f; ++byte) {
        plain[byte] = byte != '"' && byte != '\\';
    }
    return plain;
}();

/// How many bytes at the front of `text` are plain.
std::size_t plain_prefix(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() && kPlain[static_cast<unsigned char>(text[size])]) {
        ++size;
    }
    return size;
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    std::array<char, 8> escape{};
    std::snprintf(
        escape.data(),
        escape.size(),
        "\\u%04x",
        static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += escape.data();
}

void append_quoted(std::string& out, std::string_view value) {
    out += '"';
    while (!value.empty()) {
        const std::size_t plain = plain_prefix(value);
        out.append(value.substr(0, plain));
        value.remove_prefix(plain);
        if (value.empty()) {
            break;
        }
        if (static_cast<unsigned char>(value.front()) < 0x80) {
            append_escaped(out, value.front());
            value.remove_prefix(1);
            continue;
        }
        const std::size_t length = utf8_sequence_length(value);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            value.remove_prefix(1);
        } else {
            out.append(value.substr(0, length));
            value.remove_prefix(length);
        }
    }
    out += '"';
}

}  // namespace

void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (has_items_) {
        out_ += ',';
    }
    has_items_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    has_items_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_ += bracket;
    has_items_ = true;  // whatever it stands in has at least it
    return *this;
}

JsonWriter& JsonWriter::open_object() {
    return open('{');
}

JsonWriter& JsonWriter::close_object() {
    return close('}');
}

JsonWriter& JsonWriter::open_array() {
    return open('[');
}

JsonWriter& JsonWriter::close_array() {
    return close(']');
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    if (plain_prefix(name) == name.size()) {
        out_ += '"';
        out_ += name;
        out_ += "\":";
    } else {
        append_quoted(out_, name);
        out_ += ':';
    }
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    separate();
    append_quoted(out_, value);
    return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
    separate();
    std::array<char, 24> digits{};
    auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_.append(digits.data(), end);
    return *this;
}

JsonWriter& JsonWriter::real(double value, int decimals) {
    separate();
    std::array<char, 64> digits{};
    auto* const end =
        std::to_chars(
            digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals)
            .ptr;
    out_.append(digits.data(), end);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

}  // namespace thimble
