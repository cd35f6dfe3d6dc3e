// Python versions: PEP 440, in every spelling that packaging.version accepts.
#include "thimble/base/result.hpp"
#include "thimble/model/detail/orders.hpp"
#include "thimble/model/detail/version_text.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace thimble::model::detail {

namespace {

enum class Phase : std::uint8_t { None, Alpha, Beta, Candidate };

using Number = std::optional<std::string_view>;  // present without digits: an implicit 0

struct Parsed {
    std::string_view epoch;
    std::string_view release;  // numbers joined by '.'
    Phase phase = Phase::None;
    std::string_view phase_number;
    Number post;
    Number dev;
    std::optional<std::string_view> local;
    std::string_view rest;  // what no part of the grammar took
};

struct PhaseName {
    std::string_view name;
    Phase phase;
};

// A longer name comes before its own beginning.
constexpr std::array kPhases = {
    PhaseName{"alpha", Phase::Alpha},
    PhaseName{"a", Phase::Alpha},
    PhaseName{"beta", Phase::Beta},
    PhaseName{"b", Phase::Beta},
    PhaseName{"preview", Phase::Candidate},
    PhaseName{"pre", Phase::Candidate},
    PhaseName{"c", Phase::Candidate},
    PhaseName{"rc", Phase::Candidate},
};
constexpr std::array<std::string_view, 3> kPostNames = {"post", "rev", "r"};

constexpr bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

constexpr bool is_separator(char c) {
    return c == '-' || c == '_' || c == '.';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::string_view skip_separator(std::string_view text) {
    if (!text.empty() && is_separator(text.front())) {
        text.remove_prefix(1);
    }
    return text;
}

bool starts_with_word(std::string_view text, std::string_view word) {
    return text.size() >= word.size()
        && std::ranges::equal(text.substr(0, word.size()), word, {}, to_lower);
}

// [separator] word [separator] [digits]
Number take_named_number(std::string_view& text, std::string_view word) {
    auto rest = skip_separator(text);
    if (!starts_with_word(rest, word)) {
        return std::nullopt;
    }
    rest = skip_separator(rest.substr(word.size()));
    const auto digits = take_digits(rest);
    text = rest;
    return digits;
}

void take_phase(Parsed& parsed, std::string_view& text) {
    for (const auto& [name, phase] : kPhases) {
        if (const auto number = take_named_number(text, name)) {
            parsed.phase = phase;
            parsed.phase_number = *number;
            return;
        }
    }
}

Number take_post(std::string_view& text) {
    if (text.size() > 1 && text.front() == '-' && is_digit(text[1])) {
        text.remove_prefix(1);
        return take_digits(text);
    }
    for (const auto name : kPostNames) {
        if (const auto number = take_named_number(text, name)) {
            return number;
        }
    }
    return std::nullopt;
}

// Numbers joined by single dots; a dot without a number behind it is left.
std::string_view take_release(std::string_view& text) {
    std::size_t end = digits_at(text, 0);
    while (end > 0 && end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1])) {
        end += 1 + digits_at(text, end + 1);
    }
    const auto release = text.substr(0, end);
    text.remove_prefix(end);
    return release;
}

Parsed parse(std::string_view text) {
    Parsed parsed;
    text = trim(text);
    if (!text.empty() && to_lower(text.front()) == 'v') {
        text.remove_prefix(1);
    }
    if (const auto digits = digits_at(text, 0);
        digits > 0 && digits < text.size() && text[digits] == '!') {
        parsed.epoch = text.substr(0, digits);
        text.remove_prefix(digits + 1);
    }
    parsed.release = take_release(text);
    take_phase(parsed, text);
    parsed.post = take_post(text);
    parsed.dev = take_named_number(text, "dev");
    if (!text.empty() && text.front() == '+') {
        parsed.local = text.substr(1);
        text = {};
    }
    parsed.rest = text;
    return parsed;
}

bool is_local(std::string_view text) {
    bool in_segment = false;
    for (const char c : text) {
        if (!is_alnum(c) && !(is_separator(c) && in_segment)) {
            return false;
        }
        in_segment = is_alnum(c);
    }
    return in_segment;
}

std::string_view take_number_of(std::string_view& release) {
    const auto digits = take_digits(release);
    release = skip_separator(release);
    return digits;
}

// Missing numbers count as zero: 1.0 = 1.0.0.
std::weak_ordering compare_releases(std::string_view left, std::string_view right) {
    while (!left.empty() || !right.empty()) {
        const auto l = take_number_of(left);
        if (const auto order = compare_numbers(l, take_number_of(right)); order != 0) {
            return order;
        }
    }
    return std::weak_ordering::equivalent;
}

// A development release without phase and post comes before all phases, no phase after them.
int phase_rank(const Parsed& version) {
    if (version.phase != Phase::None) {
        return static_cast<int>(version.phase);
    }
    return version.dev && !version.post ? 0 : static_cast<int>(Phase::Candidate) + 1;
}

std::weak_ordering compare_optional(
    const Number& left, const Number& right, std::weak_ordering missing_against_present) {
    if (left && right) {
        return compare_numbers(*left, *right);
    }
    if (left.has_value() == right.has_value()) {
        return std::weak_ordering::equivalent;
    }
    return left ? 0 <=> missing_against_present : missing_against_present;
}

std::string_view take_segment(std::string_view& local) {
    std::size_t end = 0;
    while (end < local.size() && !is_separator(local[end])) {
        ++end;
    }
    const auto segment = local.substr(0, end);
    local.remove_prefix(std::min(end + 1, local.size()));
    return segment;
}

std::weak_ordering compare_words(std::string_view left, std::string_view right) {
    const auto [l, r] = std::ranges::mismatch(left, right, {}, to_lower, to_lower);
    if (l == left.end() || r == right.end()) {
        return left.size() <=> right.size();
    }
    return to_lower(*l) <=> to_lower(*r);
}

// Numbers are newer than words, more segments newer than fewer.
std::weak_ordering compare_segments(std::string_view left, std::string_view right) {
    const bool left_is_number = is_number(left);
    const bool right_is_number = is_number(right);
    if (left_is_number != right_is_number) {
        return left_is_number ? std::weak_ordering::greater : std::weak_ordering::less;
    }
    return left_is_number ? compare_numbers(left, right) : compare_words(left, right);
}

std::weak_ordering compare_locals(std::string_view left, std::string_view right) {
    while (!left.empty() && !right.empty()) {
        const auto l = take_segment(left);
        if (const auto order = compare_segments(l, take_segment(right)); order != 0) {
            return order;
        }
    }
    return order_of_flags(right.empty(), left.empty());
}

std::weak_ordering compare_suffixes(const Parsed& left, const Parsed& right) {
    if (const auto order = phase_rank(left) <=> phase_rank(right); order != 0) {
        return order;
    }
    if (const auto order = compare_numbers(left.phase_number, right.phase_number); order != 0) {
        return order;
    }
    if (const auto order = compare_optional(left.post, right.post, std::weak_ordering::less);
        order != 0) {
        return order;
    }
    return compare_optional(left.dev, right.dev, std::weak_ordering::greater);
}

}  // namespace

Result<void> check_pypi_version(std::string_view version) {
    THIMBLE_TRY(check_length(version));
    const Parsed parsed = parse(version);
    if (parsed.release.empty()) {
        return bad_version("version does not start with a number");
    }
    if (!parsed.rest.empty()) {
        return bad_version("unexpected text after the version");
    }
    if (parsed.local && !is_local(*parsed.local)) {
        return bad_version("invalid local version");
    }
    return {};
}

std::weak_ordering compare_pypi_versions(std::string_view left, std::string_view right) {
    const Parsed l = parse(left);
    const Parsed r = parse(right);
    if (const auto order = compare_numbers(l.epoch, r.epoch); order != 0) {
        return order;
    }
    if (const auto order = compare_releases(l.release, r.release); order != 0) {
        return order;
    }
    if (const auto order = compare_suffixes(l, r); order != 0) {
        return order;
    }
    if (!l.local || !r.local) {
        return order_of_flags(l.local.has_value(), r.local.has_value());
    }
    return compare_locals(*l.local, *r.local);
}

}  // namespace thimble::model::detail
