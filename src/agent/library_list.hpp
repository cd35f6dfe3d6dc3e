#pragma once
/// @file Which libraries a program of this machine is started with, as its ELF interpreter tells: pure.

#include "thimble/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::agent {

struct LibraryList {
    std::string loader;                  ///< path of the ELF interpreter
    std::vector<std::string> libraries;  ///< paths, in the order told
    bool operator==(const LibraryList&) const = default;
};

/// Reads what the interpreter prints when LD_TRACE_LOADED_OBJECTS is set (ld.so(8)).
/// @error Corrupt "agent.bad_library_list"; NotFound "agent.no_library": one is not installed
Result<LibraryList> parse_library_list(std::string_view text);

}  // namespace thimble::agent
