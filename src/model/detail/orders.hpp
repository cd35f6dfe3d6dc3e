#pragma once
/// @file The orders of the single ecosystems, one .cpp each; version_order.cpp lists them.

#include "thimble/base/result.hpp"

#include <compare>
#include <string_view>

namespace thimble::model::detail {

/// deb-version(7), Debian Policy 5.6.12; dpkg 1.21. Letters sort before other characters, '~' before
/// the end. What dpkg orders with a mere warning (no digit at the start, ':' in the revision) is valid as
/// long as it keeps to Policy's alphabet.
Result<void> check_dpkg_version(std::string_view version);
std::weak_ordering compare_dpkg_versions(std::string_view left, std::string_view right);

/// [epoch:]version[-release] as rpm 4.18 compares it: no epoch is 0, no release is below any release.
/// rpm gives every string a place; here only blanks and control characters make one invalid.
Result<void> check_rpm_version(std::string_view version);
std::weak_ordering compare_rpm_versions(std::string_view left, std::string_view right);

/// digits{.digits}[letter]{_suffix[digits]}[~hash][-rdigits] as apk-tools 3 compares it; digits after a
/// letter as apk-tools 2 does.
Result<void> check_apk_version(std::string_view version);
std::weak_ordering compare_apk_versions(std::string_view left, std::string_view right);

/// node-semver in loose mode; build metadata is ignored. Numbers beyond 2^53 are accepted.
Result<void> check_npm_version(std::string_view version);
std::weak_ordering compare_npm_versions(std::string_view left, std::string_view right);

/// PEP 440; what only pip before 2023 called a version ("legacy") is invalid.
Result<void> check_pypi_version(std::string_view version);
std::weak_ordering compare_pypi_versions(std::string_view left, std::string_view right);

/// SemVer 2.0.0, strictly; build metadata is ignored. Numbers beyond 2^64 are accepted.
Result<void> check_crates_version(std::string_view version);
std::weak_ordering compare_crates_versions(std::string_view left, std::string_view right);

/// golang.org/x/mod/semver, with or without the "v"; v1 and v1.2 are v1.0.0 and v1.2.0.
Result<void> check_go_version(std::string_view version);
std::weak_ordering compare_go_versions(std::string_view left, std::string_view right);

}  // namespace thimble::model::detail
