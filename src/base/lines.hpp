#pragma once
/// @file Text as programs and the kernel write it: lines, words, numbers. Nothing is copied.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

namespace thimble {

/// The lines of a text, one after the other, without their line feeds. The text must outlive it.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}

    /// @return false at the end; a last line without a line feed counts
    bool next(std::string_view& line) {
        if (rest_.empty()) {
            return false;
        }
        const std::size_t feed = rest_.find('\n');
        line = rest_.substr(0, feed);
        rest_.remove_prefix(feed == std::string_view::npos ? rest_.size() : feed + 1);
        return true;
    }

private:
    std::string_view rest_;
};

/// Without the blanks around it: spaces, tabs, line ends.
inline std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// The word at the front of `text`, which loses it and the blanks (spaces, tabs) before it; empty at
/// the end.
inline std::string_view take_word(std::string_view& text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        text = {};
        return {};
    }
    const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    text.remove_prefix(end);
    return word;
}

/// `Count` fields with `separator` between them; the last holds what remains, further separators too.
/// Nothing: there are fewer.
template <std::size_t Count>
std::optional<std::array<std::string_view, Count>> split_fields(
    std::string_view text, char separator) {
    std::array<std::string_view, Count> fields;
    for (std::size_t at = 0; at + 1 < Count; ++at) {
        const std::size_t end = text.find(separator);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        fields.at(at) = text.substr(0, end);
        text.remove_prefix(end + 1);
    }
    fields.back() = text;
    return fields;
}

/// The whole of `text` as a number; nothing: it is none, or too large for `Number`.
template <class Number>
std::optional<Number> number_in(std::string_view text, int base = 10) {
    Number number{};
    const char* begin = text.data();
    const char* end = begin + text.size();
    const auto [stopped, error] = std::from_chars(begin, end, number, base);
    if (error != std::errc{} || stopped != end || text.empty()) {
        return std::nullopt;
    }
    return number;
}

}  // namespace thimble
