#pragma once
/// @file Reads what is in /boot.

#include "thimble/host/host.hpp"
#include "thimble/rehearse/examine_boot.hpp"

namespace thimble::rehearse {

/// The regular files in /boot and the folders in it, to a depth of 8; at most 100,000.
BootFiles read_boot(host::Host& host);

}  // namespace thimble::rehearse
