#pragma once
/// @file What npm, crates.io and Go share: Semantic Versioning 2.0.0 precedence over versions that each of
/// them reads by its own grammar.

#include <compare>
#include <string_view>

namespace thimble::model::detail {

/// The parts that decide; build metadata does not.
struct Semver {
    std::string_view major;
    std::string_view minor;
    std::string_view patch;
    std::string_view prerelease;  ///< identifiers joined by '.'; empty: a release
};

/// Precedence (SemVer 2.0.0, section 11); numbers may be of any length.
std::weak_ordering compare_semver(const Semver& left, const Semver& right);

/// Whether `text` is identifiers of [0-9A-Za-z-] joined by '.', none of them empty.
bool is_identifiers(std::string_view text);

/// As above, and no numeric identifier starts with a zero.
bool is_strict_prerelease(std::string_view text);

/// Whether `text` is digits without a leading zero.
bool is_strict_number(std::string_view text);

/// `text` up to the first `mark`, taken off together with the mark; all of it when there is none.
std::string_view take_until(std::string_view& text, char mark);

/// MAJOR[.MINOR[.PATCH]][-PRERELEASE][+BUILD] taken apart without judging the parts. `build` is empty
/// both when it is missing and when nothing follows the '+'.
struct SemverText {
    Semver parts;
    std::string_view build;
    bool has_minor = false;
    bool has_patch = false;
    bool has_prerelease = false;
    bool has_build = false;
};
SemverText split_semver(std::string_view text);

}  // namespace thimble::model::detail
