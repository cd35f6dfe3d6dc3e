#pragma once
/// @file One request to the API as whoever has logged in.

#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/client/fleet_context.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::client {

/// What is asked: "POST", "/api/v1/users", a JSON object or nothing.
struct ApiCall {
    std::string method;
    std::string path;
    std::string body = {};  // NOLINT(readability-redundant-member-init): left out by most
};

/// @return the body of a success
/// @error as ApiConnection::ask
Result<std::string> call_api(const FleetContext& context, ApiCall call);

/// What an answer doubts of what was asked: its member "warnings", sentences; empty: it has none. Pure.
std::vector<std::string> warnings_of(const JsonValue& answer);

/// A text as one segment of an address, or as the value of a parameter. Pure.
std::string encoded(std::string_view text);

}  // namespace thimble::client
