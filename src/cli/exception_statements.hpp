#pragma once
/// @file What active exceptions leave open, out of the lists of a server. Pure.

#include "thimble/base/json_members.hpp"
#include "thimble/report/exception_vex.hpp"

#include <span>
#include <vector>

namespace thimble::cli {

/// One for each vulnerability of each exception, those that a patch would close apart from those that none does.
/// @param patches  what is missing: items of the list patches
/// @param board    what cannot be patched: items of the list board; of these those for which there is no fix
std::vector<report::ExceptionStatement> exception_statements(
    std::span<const JsonValue> exceptions,
    std::span<const JsonValue> patches,
    std::span<const JsonValue> board);

}  // namespace thimble::cli
