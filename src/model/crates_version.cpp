// crates.io versions: strict SemVer 2.0.0, as cargo reads them.
//
// Cargo's version type also orders build metadata, so that its sorting is total; its version requirements,
// RustSec's ranges and the registry (which refuses a second upload that differs in it alone) ignore it.
// We answer whether a version lies before a fix, so precedence decides: build metadata is ignored.
#include "thimble/base/result.hpp"
#include "thimble/model/detail/orders.hpp"
#include "thimble/model/detail/semver.hpp"
#include "thimble/model/detail/version_text.hpp"

#include <compare>
#include <string_view>

namespace thimble::model::detail {

Result<void> check_crates_version(std::string_view version) {
    THIMBLE_TRY(check_length(version));
    const SemverText text = split_semver(version);
    if (!text.has_patch) {
        return bad_version("version is not MAJOR.MINOR.PATCH");
    }
    if (!is_strict_number(text.parts.major) || !is_strict_number(text.parts.minor)
        || !is_strict_number(text.parts.patch)) {
        return bad_version("version core is not three numbers without leading zeros");
    }
    if (text.has_prerelease && !is_strict_prerelease(text.parts.prerelease)) {
        return bad_version("invalid pre-release");
    }
    if (text.has_build && !is_identifiers(text.build)) {
        return bad_version("invalid build metadata");
    }
    return {};
}

std::weak_ordering compare_crates_versions(std::string_view left, std::string_view right) {
    return compare_semver(split_semver(left).parts, split_semver(right).parts);
}

}  // namespace thimble::model::detail
