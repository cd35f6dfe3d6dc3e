#pragma once
/// @file The file of a virtual patch. Pure. Format: docs/formats/virtual-patch.md.

#include "thimble/mitigate/virtual_patch.hpp"

#include <string_view>

namespace thimble::mitigate {

/// @error Invalid "base.bad_yaml", "mitigate.bad_patch": where, what, and what to write instead
Result<VirtualPatch> parse_virtual_patch(std::string_view text);

}  // namespace thimble::mitigate
