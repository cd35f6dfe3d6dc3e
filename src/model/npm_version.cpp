// npm versions: SemVer as node-semver reads it in loose mode, which npm itself uses on what it finds installed.
#include "thimble/base/result.hpp"
#include "thimble/model/detail/orders.hpp"
#include "thimble/model/detail/semver.hpp"
#include "thimble/model/detail/version_text.hpp"

#include <compare>
#include <string_view>

namespace thimble::model::detail {

namespace {

constexpr bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Blanks, "v" and "=" may come first, in any number and order.
std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    while (!text.empty()
           && (is_space(text.front()) || text.front() == 'v' || text.front() == '=')) {
        text.remove_prefix(1);
    }
    return text;
}

bool take_dot(std::string_view& text) {
    if (text.empty() || text.front() != '.') {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

struct Parsed {
    Semver parts;
    std::string_view build;
    bool has_build = false;
    bool has_three_numbers = false;
};

Parsed parse(std::string_view text) {
    Parsed parsed;
    text = trim(text);
    if (const auto plus = text.find('+'); plus != std::string_view::npos) {
        parsed.has_build = true;
        parsed.build = text.substr(plus + 1);
        text = text.substr(0, plus);
    }
    parsed.parts.major = take_digits(text);
    const bool has_minor = take_dot(text);
    parsed.parts.minor = take_digits(text);
    const bool has_patch = take_dot(text);
    auto patch_length = digits_at(text, 0);
    // The pre-release needs no hyphen (1.2.3beta), and node-semver's expression backs off to make one
    // out of the last digit: 1.2.34.5 is 1.2.3-4.5.
    if (patch_length > 1 && patch_length < text.size() && text[patch_length] == '.') {
        --patch_length;
    }
    parsed.parts.patch = text.substr(0, patch_length);
    text.remove_prefix(patch_length);
    parsed.has_three_numbers = has_minor && has_patch && !parsed.parts.major.empty()
        && !parsed.parts.minor.empty() && !parsed.parts.patch.empty();
    // A hyphen with nothing behind it is an identifier itself.
    if (text.size() > 1 && text.front() == '-' && text[1] != '.') {
        text.remove_prefix(1);
    }
    parsed.parts.prerelease = text;
    return parsed;
}

}  // namespace

Result<void> check_npm_version(std::string_view version) {
    THIMBLE_TRY(check_length(version));
    const Parsed parsed = parse(version);
    if (!parsed.has_three_numbers) {
        return bad_version("version is not MAJOR.MINOR.PATCH");
    }
    if (!parsed.parts.prerelease.empty() && !is_identifiers(parsed.parts.prerelease)) {
        return bad_version("invalid pre-release");
    }
    if (parsed.has_build && !is_identifiers(parsed.build)) {
        return bad_version("invalid build metadata");
    }
    return {};
}

std::weak_ordering compare_npm_versions(std::string_view left, std::string_view right) {
    return compare_semver(parse(left).parts, parse(right).parts);
}

}  // namespace thimble::model::detail
