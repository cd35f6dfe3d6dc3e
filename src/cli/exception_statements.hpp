#pragma once
/// @file What active exceptions leave open, out of the lists of a server. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/report/exception_vex.hpp"

#include <set>
#include <span>
#include <string>
#include <vector>

namespace thimble::cli {

/// Ids of the controls that are not over: neither taken away, nor being taken away, nor past their end.
/// @param controls  items of the list controls
std::set<std::string> standing_controls(std::span<const JsonValue> controls, Instant now);

/// What is open beside what was agreed to.
struct OpenItems {
    std::span<const JsonValue> patches;  ///< what is missing: items of the list patches
    std::span<const JsonValue>
        board;  ///< what cannot be patched: items of the list board; of these
                ///< those for which there is no fix
    std::set<std::string>
        standing;  ///< controls that may be named; one that is over shields nothing
};

/// One for each vulnerability of each exception, those that a patch would close apart from those that none does.
std::vector<report::ExceptionStatement> exception_statements(
    std::span<const JsonValue> exceptions, const OpenItems& items);

}  // namespace thimble::cli
