#pragma once
/// @file What every version order needs: ASCII classes without locale, numbers of any length, and
/// the one way to refuse a version.

#include "thimble/base/result.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::model::detail {

/// Longer versions are refused: no tool writes one, and a bound keeps hostile input cheap.
inline constexpr std::size_t kLongestVersion = 4096;

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_alpha(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}
constexpr bool is_alnum(char c) {
    return is_digit(c) || is_alpha(c);
}
constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Length of the run of digits that starts at `from`.
constexpr std::size_t digits_at(std::string_view text, std::size_t from) {
    std::size_t end = from;
    while (end < text.size() && is_digit(text[end])) {
        ++end;
    }
    return end - from;
}

/// The digits that `text` starts with, taken off it.
constexpr std::string_view take_digits(std::string_view& text) {
    const auto digits = text.substr(0, digits_at(text, 0));
    text.remove_prefix(digits.size());
    return digits;
}

constexpr bool is_number(std::string_view text) {
    return !text.empty() && digits_at(text, 0) == text.size();
}

/// No comes before yes.
constexpr std::weak_ordering order_of_flags(bool left, bool right) {
    return static_cast<int>(left) <=> static_cast<int>(right);
}

/// The order of two byte strings, as a value that `compare` can return.
inline std::weak_ordering order_of(std::string_view left, std::string_view right) {
    return left.compare(right) <=> 0;
}

/// The numeric order of two strings of digits of any length; no digits count as 0.
inline std::weak_ordering compare_numbers(std::string_view left, std::string_view right) {
    left.remove_prefix(std::min(left.find_first_not_of('0'), left.size()));
    right.remove_prefix(std::min(right.find_first_not_of('0'), right.size()));
    if (left.size() != right.size()) {
        return left.size() <=> right.size();
    }
    return order_of(left, right);
}

/// The refusal of a version, with the reason for a person.
inline Error bad_version(std::string reason) {
    return failure(ErrorKind::Invalid, "model.bad_version", std::move(reason));
}

/// What no order accepts: nothing, or more than anybody writes.
inline Result<void> check_length(std::string_view version) {
    if (version.empty()) {
        return bad_version("version is empty");
    }
    if (version.size() > kLongestVersion) {
        return bad_version("version is too long");
    }
    return {};
}

}  // namespace thimble::model::detail
