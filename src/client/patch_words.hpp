#pragma once
/// @file What is known of one source package on one host, in words. Pure.

#include "thimble/base/json_members.hpp"
#include "thimble/client/fleet_page.hpp"

#include <span>
#include <string>
#include <string_view>

namespace thimble::client {

/// Where its patches stand, and what is open in it without a fix; never silence.
/// @param states    of `patch-states`, those of that host and source
/// @param findings  of `findings`, likewise, most urgent first
std::string lines_of_source(
    std::string_view source,
    std::span<const JsonValue> states,
    std::span<const JsonValue> findings,
    const ListedHost& host);

}  // namespace thimble::client
