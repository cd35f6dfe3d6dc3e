#pragma once
/// @file Releases of the distributions we know: version, codename, and the days their support ends.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace thimble::model {

/// One release. Days are the last ones with support; both are missing for what is not released yet.
struct DistributionRelease {
    std::string_view distribution;  ///< OSV spelling: "Debian", "Ubuntu", "Alpine", "AlmaLinux"
    std::string_view version;       ///< "12", "6.0", "22.04", "v3.21", "9"
    std::string_view codename;      ///< "bookworm"; empty where the distribution has none
    /// Security support for everyone (Debian: its security team; AlmaLinux, Rocky: until the end).
    std::optional<std::chrono::sys_days> support_ends;
    /// Debian LTS, or Ubuntu ESM for attached hosts; missing where there is no such thing.
    std::optional<std::chrono::sys_days> extended_ends;
};

/// Every release, by distribution, oldest first.
/// @source Debian's distro-info-data; alpinelinux.org/releases; almalinux.org and rockylinux.org wikis
std::span<const DistributionRelease> distribution_releases();

/// The release with this version or codename ("12", "bookworm", "v3.21" or "3.21"); the
/// distribution's name without regard to case. nullptr when it is not known.
const DistributionRelease* find_release(
    std::string_view distribution, std::string_view version_or_codename);

/// The OSV ecosystem of a Debian codename: "bookworm" is "Debian:12", "sid" is "Debian:sid".
std::string debian_ecosystem(std::string_view codename);

}  // namespace thimble::model
