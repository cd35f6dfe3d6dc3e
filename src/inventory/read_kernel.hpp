#pragma once
/// @file Reads the state of the kernel. Private to this folder.

#include "thimble/host/host.hpp"
#include "thimble/model/inventory.hpp"

namespace thimble::inventory {

/// The installed images, and of a running host what runs and since when.
/// @param packages  those of the host: kernels without a /boot of their own are found there
model::KernelState read_kernel(
    host::Host& host, const std::vector<model::InstalledPackage>& packages);

}  // namespace thimble::inventory
