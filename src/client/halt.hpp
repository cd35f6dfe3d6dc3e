#pragma once
/// @file The halt: while it holds, no host begins a change.

#include "thimble/base/result.hpp"
#include "thimble/client/fleet_context.hpp"

#include <string>
#include <string_view>

namespace thimble::client {

struct HaltStatus {
    bool halted = false;
    std::string since;  ///< RFC 3339; this and what follows: empty where the server does not tell
    std::string by;
    std::string why;
    bool operator==(const HaltStatus&) const = default;
};

/// Pure. @error Corrupt "client.odd_answer"
Result<HaltStatus> parse_halt(std::string_view text);

/// @error as ApiConnection::ask; Corrupt "client.odd_answer"
Result<HaltStatus> read_halt(const FleetContext& context);

/// Halts everything, or ends the halt when `why` is empty.
Result<void> set_halt(const FleetContext& context, const std::string& why);

/// One line for people, safe to show, without its newline; empty when nothing is halted. Pure.
std::string halt_line(const HaltStatus& halt);

/// {"format":"thimble.halt/1",…}. Pure.
std::string halt_json(const HaltStatus& halt);

}  // namespace thimble::client
