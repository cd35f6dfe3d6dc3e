#pragma once
/// @file What every way to sign in ends with: a session, its cookie, or a refusal that is counted.

#include "thimble/server/context.hpp"

#include <optional>
#include <string>

namespace thimble::server {

inline constexpr std::chrono::hours kSessionHours{12};

/// The header that gives a browser the session, or takes it away with an age of 0.
std::string session_cookie(const std::string& secret, std::chrono::seconds age);

/// Opens a session within a transaction.
/// @return its secret
Result<std::string> open_session(
    store::Connection& connection, const store::Account& account, Instant now);

/// Opens one, and writes down by what way.
/// @param how  for the audit log, after the address: "by https://login.example"; may be empty
/// @return who is signed in, with the cookie
Result<Answer> open_session_for(
    Context& context, const Call& call, const store::Account& account, const std::string& how);

/// 429, when attempts of that name from that address must wait; the address alone counts with an empty name.
std::optional<Response> must_wait(
    Context& context, const std::string& name, const Request& request);

/// Counts and records a failed attempt. What is recorded is bounded by the limit on attempts.
/// @param why  may be empty
Result<void> note_failed_sign_in(
    Context& context, const Request& request, const std::string& name, const std::string& why);

}  // namespace thimble::server
