#pragma once
/// @file Who asks: by the cookie of a session, or by the bearer token of a program.

#include "thimble/server/context.hpp"

#include <string>

namespace thimble::server {

inline constexpr std::string_view kSessionCookie = "__Host-thimble-session";

/// What changes made with the cookie must show in the header Thimble-Csrf: another site cannot read it.
std::string csrf_of(const std::string& session_secret);

/// @error Denied "server.not_signed_in", "server.no_csrf"
Result<Principal> authenticate(Context& context, const Request& request);

}  // namespace thimble::server
