#include "thimble/base/json_writer.hpp"

#include "thimble/base/utf8.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace thimble {
namespace {

/// All bytes of a word alike.
constexpr std::uint64_t bytes_of(std::uint8_t byte) {
    return 0x0101'0101'0101'0101U * byte;
}

/// Non-zero when a byte of `word` is zero.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
    return (word - bytes_of(0x01)) & ~word & bytes_of(0x80);
}

/// Whether all eight bytes of a word are plain: a scan prints a megabyte. Exact, since a borrow only
/// disturbs the bytes above one that is not plain itself.
constexpr bool is_plain_word(std::uint64_t word) {
    const std::uint64_t controls = (word - bytes_of(0x20)) & ~word & bytes_of(0x80);
    const std::uint64_t special = zero_bytes(word ^ bytes_of('"'))
        | zero_bytes(word ^ bytes_of('\\')) | zero_bytes(word ^ bytes_of(0x7f));
    return (controls | special | (word & bytes_of(0x80))) == 0;
}

/// How many bytes at the front of `text` are plain.
std::size_t plain_prefix(std::string_view text) {
    std::size_t size = 0;
    std::uint64_t word = 0;
    while (text.size() - size >= sizeof word) {
        std::memcpy(&word, text.data() + size, sizeof word);
        if (!is_plain_word(word)) {
            break;
        }
        size += sizeof word;
    }
    while (size < text.size() && is_plain_in_json(text[size])) {
        ++size;
    }
    return size;
}

/// Room for `size` bytes more at the end of `out`; what is in it is for the caller to write.
char* extend(std::string& out, std::size_t size) {
    const std::size_t before = out.size();
    // The size that g++ 12 hands to the operation is that of the buffer, not the one asked for.
    const std::size_t after = before + size;
    out.resize_and_overwrite(after, [after](char*, std::size_t) { return after; });
    return out.data() + before;
}

char* put(char* to, std::string_view text) {
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
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

/// What does not stand in a string as it is.
void append_unplain(std::string& out, std::string_view value) {
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
}

}  // namespace

/// The comma that may be due, then room for `size` bytes.
char* JsonWriter::begin_value(std::size_t size) {
    const bool comma = has_items_ && !after_key_;
    has_items_ = true;
    after_key_ = false;
    char* at = extend(out_, size + (comma ? 1 : 0));
    if (comma) {
        *at++ = ',';
    }
    return at;
}

JsonWriter& JsonWriter::literal(std::string_view text) {
    put(begin_value(text.size()), text);
    return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
    *begin_value(1) = bracket;
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

JsonWriter& JsonWriter::key(JsonKey key) {
    const std::string_view name = key.name();
    if (!key.is_plain()) {
        text(name).out_ += ':';
        after_key_ = true;
        return *this;
    }
    char* at = begin_value(name.size() + 3);
    *at++ = '"';
    at = put(at, name);
    *at++ = '"';
    *at = ':';
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::member(JsonKey key, std::string_view value) {
    const std::size_t plain = plain_prefix(value);
    if (plain != value.size() || !key.is_plain()) {
        return this->key(key).text(value);
    }
    // Both at once: most of a scan's output is written here.
    const std::string_view name = key.name();
    char* at = begin_value(name.size() + plain + 5);
    *at++ = '"';
    at = put(put(at, name), "\":\"");
    *put(at, value) = '"';
    return *this;
}

JsonWriter& JsonWriter::member(JsonKey key, std::span<const std::string> texts) {
    this->key(key).open_array();
    for (const std::string& one : texts) {
        text(one);
    }
    return close_array();
}

JsonWriter& JsonWriter::text(std::string_view value) {
    const std::size_t plain = plain_prefix(value);
    if (plain == value.size()) {
        char* at = begin_value(plain + 2);
        *at++ = '"';
        *put(at, value) = '"';
        return *this;
    }
    *begin_value(1) = '"';
    append_unplain(out_, value);
    out_ += '"';
    return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
    std::array<char, 24> digits{};
    auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return literal({digits.data(), end});
}

JsonWriter& JsonWriter::real(double value, int decimals) {
    std::array<char, 64> digits{};
    auto* const end =
        std::to_chars(
            digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals)
            .ptr;
    return literal({digits.data(), end});
}

JsonWriter& JsonWriter::boolean(bool value) {
    return literal(value ? "true" : "false");
}

JsonWriter& JsonWriter::null() {
    return literal("null");
}

}  // namespace thimble
