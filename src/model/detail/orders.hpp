#pragma once
/// @file The orders of the single ecosystems, one .cpp each; version_order.cpp lists them.

#include "thimble/base/result.hpp"

#include <compare>
#include <string_view>

namespace thimble::model::detail {

/// deb-version(7), Debian Policy 5.6.12; dpkg 1.21. Letters sort before other characters, '~' before
/// the end. A first character that is no digit is accepted, because dpkg only warns about it.
Result<void> check_dpkg_version(std::string_view version);
std::weak_ordering compare_dpkg_versions(std::string_view left, std::string_view right);

/// [epoch:]version[-release] as rpm 4.18 compares it: no epoch is 0, no release is below any release.
Result<void> check_rpm_version(std::string_view version);
std::weak_ordering compare_rpm_versions(std::string_view left, std::string_view right);

}  // namespace thimble::model::detail
