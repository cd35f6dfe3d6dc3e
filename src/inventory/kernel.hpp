#pragma once
/// @file Which kernel runs, and which one the next boot would bring.

#include "thimble/model/inventory.hpp"

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// The order of kernel releases ("6.1.0-9-amd64" before "6.1.0-30-amd64"): runs of digits compare as
/// numbers, all else by character. Meaningful within one flavour.
std::weak_ordering compare_releases(std::string_view left, std::string_view right);

/// What follows the version in a release: "6.1.0-30-cloud-amd64" is "cloud-amd64",
/// "5.15.0-164-generic" is "generic"; may be empty. Of rpm's kernels, which end in an architecture, that and what sets a line
/// apart: "5.14.0-427.13.1.el9_4.x86_64" is "x86_64", "5.15.0-200.el9uek.x86_64" is "uek.x86_64".
std::string flavour_of(std::string_view release);

/// Whether an installed package is a kernel image, by which a root is told from a container's: linux-image-6.1.0-30-amd64 and its like;
/// metapackages of Debian (linux-image-amd64) have no release. Of rpm's packages those of model::is_kernel_package.
bool is_kernel_image(const model::InstalledPackage& package);

/// The releases of the kernel images in a /boot folder ("vmlinuz-6.1.0-30-amd64" and its like),
/// without rescue images.
std::vector<std::string> bootable_releases(std::span<const std::string> boot_names);

/// The newest of `releases` of the same flavour as `running`; of all when nothing runs (a root).
/// @return empty when there is none
std::string newest_release(std::span<const std::string> releases, std::string_view running);

/// The package version of the running kernel, where its build says so in /proc/version
/// ("… SMP PREEMPT_DYNAMIC Debian 6.1.124-1 (2025-01-12)"); empty otherwise.
std::string running_package_version(std::string_view proc_version);

/// btime of /proc/stat.
std::optional<Instant> parse_boot_time(std::string_view proc_stat);

/// Whether /proc/1/cgroup names a container; with cgroup namespaces it does not tell.
bool is_container_cgroup(std::string_view cgroup);

}  // namespace thimble::inventory
