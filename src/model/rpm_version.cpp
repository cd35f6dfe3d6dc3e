// The order of rpm's [epoch:]version[-release].
#include "thimble/base/result.hpp"
#include "thimble/model/detail/orders.hpp"
#include "thimble/model/detail/version_text.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <optional>
#include <string_view>

namespace thimble::model::detail {

namespace {

struct Parts {
    std::string_view epoch;
    std::string_view version;
    std::optional<std::string_view> release;
};

// Only digits before a colon are an epoch; the release starts after the last hyphen.
Parts split(std::string_view text) {
    Parts parts;
    const auto digits = digits_at(text, 0);
    if (digits < text.size() && text[digits] == ':') {
        parts.epoch = text.substr(0, digits);
        text.remove_prefix(digits + 1);
    }
    // A hyphen among the leading digits cannot be: digits stop there.
    const auto hyphen = text.rfind('-');
    parts.version = text.substr(0, hyphen);
    if (hyphen != std::string_view::npos) {
        parts.release = text.substr(hyphen + 1);
    }
    return parts;
}

constexpr bool separates(char c) {
    return !is_alnum(c) && c != '~' && c != '^';
}

constexpr void skip_separators(std::string_view& text) {
    while (!text.empty() && separates(text.front())) {
        text.remove_prefix(1);
    }
}

std::string_view take_letters(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && is_alpha(text[end])) {
        ++end;
    }
    const auto letters = text.substr(0, end);
    text.remove_prefix(end);
    return letters;
}

constexpr bool starts_with(std::string_view text, char c) {
    return !text.empty() && text.front() == c;
}

// '~' sorts below everything, the end included; '^' above the end and below everything else.
// Nothing when neither side starts with `mark`; else equivalent means that both marks were taken.
std::optional<std::weak_ordering> compare_mark(
    char mark, std::string_view& left, std::string_view& right) {
    const bool l = starts_with(left, mark);
    const bool r = starts_with(right, mark);
    if (!l && !r) {
        return std::nullopt;
    }
    if (l && r) {
        left.remove_prefix(1);
        right.remove_prefix(1);
        return std::weak_ordering::equivalent;
    }
    const bool other_ends = (l ? right : left).empty();
    const bool mark_is_greater = mark == '^' && other_ends;
    return l == mark_is_greater ? std::weak_ordering::greater : std::weak_ordering::less;
}

// Both sides start with a letter or a digit; a number is newer than letters.
std::weak_ordering compare_segment(std::string_view& left, std::string_view& right) {
    const bool numeric = is_digit(left.front());
    if (numeric != is_digit(right.front())) {
        return numeric ? std::weak_ordering::greater : std::weak_ordering::less;
    }
    if (numeric) {
        const auto l = take_digits(left);
        return compare_numbers(l, take_digits(right));
    }
    const auto l = take_letters(left);
    return order_of(l, take_letters(right));
}

std::weak_ordering compare_part(std::string_view left, std::string_view right) {
    while (!left.empty() || !right.empty()) {
        skip_separators(left);
        skip_separators(right);
        auto order = compare_mark('~', left, right);
        if (!order) {
            order = compare_mark('^', left, right);
        }
        if (!order) {
            if (left.empty() || right.empty()) {
                break;
            }
            order = compare_segment(left, right);
        }
        if (*order != 0) {
            return *order;
        }
    }
    return left.size() <=> right.size();  // one of them is empty: whoever has more is newer
}

// rpm itself orders any bytes; a blank or a control character is a sign of damage, not a version.
bool is_unbroken(std::string_view text) {
    return std::ranges::none_of(
        text, [](char c) { return (c >= '\0' && c <= ' ') || c == '\x7f'; });
}

}  // namespace

Result<void> check_rpm_version(std::string_view version) {
    THIMBLE_TRY(check_length(version));
    if (!is_unbroken(version)) {
        return bad_version("invalid character in version");
    }
    return {};
}

std::weak_ordering compare_rpm_versions(std::string_view left, std::string_view right) {
    const Parts l = split(left);
    const Parts r = split(right);
    if (const auto order = compare_numbers(l.epoch, r.epoch); order != 0) {
        return order;
    }
    if (const auto order = compare_part(l.version, r.version); order != 0) {
        return order;
    }
    if (!l.release || !r.release) {
        return order_of_flags(l.release.has_value(), r.release.has_value());
    }
    return compare_part(*l.release, *r.release);
}

}  // namespace thimble::model::detail
