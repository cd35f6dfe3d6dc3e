#pragma once
/// @file With what rights a host is read, and so what to do about processes that may not be looked at.

#include "thimble/host/host.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace thimble::inventory {

struct ReaderRights {
    bool is_root = false;
    bool traces = false;  ///< has CAP_SYS_PTRACE, without which /proc hides what others have open
    bool operator==(const ReaderRights&) const = default;
};

/// @param status  of /proc/self/status
/// @return nothing when it does not tell
std::optional<ReaderRights> parse_reader_rights(std::string_view status);

/// A sentence for people: what would let the scan see what it was denied. Whoever is root already is not told to become it.
std::string step_to_see_more(host::Host& host);

}  // namespace thimble::inventory
