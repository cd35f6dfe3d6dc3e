#pragma once
/// @file Which packages are a kernel that can run. Pure.

#include "thimble/model/inventory.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thimble::assess {

enum class KernelRole : std::uint8_t {
    None,   ///< not built from a kernel source
    Image,  ///< holds a kernel that can boot
    Companion,  ///< headers, meta packages, libc headers, tools: from the source, not the code that runs
};

struct KernelPackage {
    KernelRole role = KernelRole::None;
    std::string release;  ///< of an image: what uname -r says when it runs
    bool operator==(const KernelPackage&) const = default;
};

KernelPackage kernel_package(const model::InstalledPackage& package);

/// Name and version under which the advisories know a kernel image: signed images follow the
/// unsigned source ("linux-signed-amd64 6.1.124+1" is "linux 6.1.124-1").
struct KernelSource {
    std::string name;
    std::string version;
};
KernelSource kernel_source(const model::InstalledPackage& image);

/// The images that decide, as indexes into `packages`.
struct KernelChoice {
    std::optional<std::size_t> running;  ///< the image of the running kernel
    std::optional<std::size_t> newest;   ///< the newest installed image of that flavour
    std::size_t images = 0;              ///< how many are installed
};
/// Without a running release (a root directory) the newest image stands for the running one.
KernelChoice choose_kernel(
    const std::vector<model::InstalledPackage>& packages, const model::KernelState& kernel);

}  // namespace thimble::assess
