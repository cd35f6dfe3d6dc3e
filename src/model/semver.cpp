#include "thimble/model/detail/semver.hpp"

#include "thimble/model/detail/version_text.hpp"

#include <algorithm>
#include <compare>
#include <string_view>

namespace thimble::model::detail {

namespace {

std::weak_ordering compare_identifiers(std::string_view left, std::string_view right) {
    const bool left_is_number = is_number(left);
    const bool right_is_number = is_number(right);
    if (left_is_number && right_is_number) {
        return compare_numbers(left, right);
    }
    if (left_is_number != right_is_number) {
        return left_is_number ? std::weak_ordering::less : std::weak_ordering::greater;
    }
    return order_of(left, right);
}

std::weak_ordering compare_prereleases(std::string_view left, std::string_view right) {
    if (left.empty() || right.empty()) {
        return order_of_flags(
            left.empty(), right.empty());  // a release is newer than its pre-releases
    }
    while (!left.empty() && !right.empty()) {
        const auto l = take_until(left, '.');
        if (const auto order = compare_identifiers(l, take_until(right, '.')); order != 0) {
            return order;
        }
    }
    return order_of_flags(right.empty(), left.empty());  // more identifiers are newer
}

template <class Accepts>
bool all_identifiers(std::string_view text, Accepts accepts) {
    if (text.empty() || text.back() == '.') {
        return false;
    }
    while (!text.empty()) {
        if (!accepts(take_until(text, '.'))) {
            return false;
        }
    }
    return true;
}

bool is_identifier(std::string_view text) {
    return !text.empty()
        && std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '-'; });
}

}  // namespace

std::weak_ordering compare_semver(const Semver& left, const Semver& right) {
    if (const auto order = compare_numbers(left.major, right.major); order != 0) {
        return order;
    }
    if (const auto order = compare_numbers(left.minor, right.minor); order != 0) {
        return order;
    }
    if (const auto order = compare_numbers(left.patch, right.patch); order != 0) {
        return order;
    }
    return compare_prereleases(left.prerelease, right.prerelease);
}

bool is_identifiers(std::string_view text) {
    return all_identifiers(text, is_identifier);
}

bool is_strict_prerelease(std::string_view text) {
    return all_identifiers(text, [](std::string_view identifier) {
        return is_identifier(identifier)
            && (!is_number(identifier) || is_strict_number(identifier));
    });
}

bool is_strict_number(std::string_view text) {
    return is_number(text) && (text.size() == 1 || text.front() != '0');
}

std::string_view take_until(std::string_view& text, char mark) {
    const auto at = text.find(mark);
    const auto taken = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return taken;
}

SemverText split_semver(std::string_view text) {
    SemverText split;
    if (const auto plus = text.find('+'); plus != std::string_view::npos) {
        split.has_build = true;
        split.build = text.substr(plus + 1);
        text = text.substr(0, plus);
    }
    if (const auto hyphen = text.find('-'); hyphen != std::string_view::npos) {
        split.has_prerelease = true;
        split.parts.prerelease = text.substr(hyphen + 1);
        text = text.substr(0, hyphen);
    }
    const auto dot = text.find('.');
    split.parts.major = text.substr(0, dot);
    split.has_minor = dot != std::string_view::npos;
    if (!split.has_minor) {
        return split;
    }
    text.remove_prefix(dot + 1);
    const auto second = text.find('.');
    split.parts.minor = text.substr(0, second);
    split.has_patch = second != std::string_view::npos;
    if (split.has_patch) {
        split.parts.patch = text.substr(second + 1);
    }
    return split;
}

}  // namespace thimble::model::detail
