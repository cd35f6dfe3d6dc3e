#pragma once
/// @file What no process maps, and a boot loads.

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

}  // namespace thimble::model
