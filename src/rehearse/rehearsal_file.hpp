#pragma once
/// @file A rehearsal as a file, and as a text for people.

#include "thimble/base/result.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <string>
#include <string_view>

namespace thimble::rehearse {

/// One JSON document "thimble.rehearsal/1" without a newline at its end (docs/formats/rehearsal.md).
std::string format_rehearsal(const Rehearsal& rehearsal);

/// @error Corrupt "rehearse.bad_rehearsal": not a rehearsal, or a member is wrong, which is named;
///        Unsupported "rehearse.rehearsal_format": of another version of Thimble
Result<Rehearsal> parse_rehearsal(std::string_view text);

/// Lines of at most 80 columns; what differs stands side by side, before and after. Everything that
/// comes from the clone is made printable.
std::string rehearsal_text(const Rehearsal& rehearsal);

}  // namespace thimble::rehearse
