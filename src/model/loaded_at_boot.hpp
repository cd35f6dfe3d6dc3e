#pragma once
/// @file What a boot loads and no process maps: kernels, firmware, microcode.

#include <algorithm>
#include <array>
#include <string_view>

namespace thimble::model {

/// Whether a source package is microcode or firmware: what it brings is live after a boot, and no process shows it.
inline bool is_loaded_at_boot(std::string_view source) {
    constexpr std::array<std::string_view, 5> kSources{
        "linux-firmware",
        "firmware-nonfree",
        "intel-microcode",
        "amd64-microcode",
        "microcode_ctl"};
    return std::ranges::find(kSources, source) != kSources.end();
}

/// Whether a binary package brings a kernel to boot, by the names of Debian, Red Hat and SUSE.
inline bool is_kernel_package(std::string_view name) {
    constexpr std::array<std::string_view, 3> kNames{"kernel", "kernel-core", "kernel-default"};
    return name.starts_with("linux-image-") || std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace thimble::model
