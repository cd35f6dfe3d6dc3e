#pragma once
/// @file The file of a virtual patch. Pure. Format: docs/formats/virtual-patch.md.

#include "thimble/mitigate/virtual_patch.hpp"

#include <string_view>

namespace thimble {
class JsonWriter;
class MappingReader;
}  // namespace thimble

namespace thimble::mitigate {

/// @error Invalid "base.bad_yaml", "mitigate.bad_patch": where, what, and what to write instead
Result<VirtualPatch> parse_virtual_patch(std::string_view text);

/// The same as a part of another document.
Result<VirtualPatch> read_virtual_patch(MappingReader& reader);

/// As an object of JSON, from which the same is read.
void write_virtual_patch(JsonWriter& json, const VirtualPatch& patch);

}  // namespace thimble::mitigate
