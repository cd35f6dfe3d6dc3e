// Go module versions, as golang.org/x/mod/semver orders them. Pseudo-versions need no care: they are
// pre-releases that start with their base and their time. "+incompatible" is build metadata.
#include "thimble/base/result.hpp"
#include "thimble/model/detail/orders.hpp"
#include "thimble/model/detail/semver.hpp"
#include "thimble/model/detail/version_text.hpp"

#include <compare>
#include <string_view>

namespace thimble::model::detail {

namespace {

// Advisories write Go versions without the "v" that the module system demands.
std::string_view without_v(std::string_view version) {
    if (!version.empty() && version.front() == 'v') {
        version.remove_prefix(1);
    }
    return version;
}

}  // namespace

Result<void> check_go_version(std::string_view version) {
    THIMBLE_TRY(check_length(version));
    const SemverText text = split_semver(without_v(version));
    if (!is_strict_number(text.parts.major)
        || (text.has_minor && !is_strict_number(text.parts.minor))
        || (text.has_patch && !is_strict_number(text.parts.patch))) {
        return bad_version("version core is not numbers without leading zeros");
    }
    if (!text.has_patch && (text.has_prerelease || text.has_build)) {
        return bad_version("pre-release or build metadata on a shortened version");
    }
    if (text.has_prerelease && !is_strict_prerelease(text.parts.prerelease)) {
        return bad_version("invalid pre-release");
    }
    if (text.has_build && !is_identifiers(text.build)) {
        return bad_version("invalid build metadata");
    }
    return {};
}

std::weak_ordering compare_go_versions(std::string_view left, std::string_view right) {
    return compare_semver(
        split_semver(without_v(left)).parts, split_semver(without_v(right)).parts);
}

}  // namespace thimble::model::detail
