#pragma once
/// @file From a password, or a sign-in by a provider, to a token that can be saved.

#include "thimble/client/fleet_context.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::client {

/// Whether the server answers, and is the one that is meant.
/// @error as ApiConnection::ask: Denied "client.not_authentic"
Result<void> reach(const FleetContext& context);

/// Whom to log in where.
struct LogIn {
    std::string url;
    std::string authority;  ///< as in FleetContext
    std::string name;
    std::string password;
    bool administer = false;  ///< whether the token may administer, if the account may
};

/// Signs in by password, has an API token made that reads, makes enrolment tokens, approves and, when told, administers, as far
/// as the account may, and signs out again: the password is good for this once.
/// @error as ApiConnection::ask
Result<FleetContext> log_in(const LogIn& wanted);

/// A sign-in by the provider of a server, which a browser anywhere does for this terminal.
struct SignOn {
    std::string verifier;     ///< what only this terminal knows; a secret
    std::string address;      ///< for a browser, which then shows a code
    bool administer = false;  ///< as in LogIn
};
/// @param url  as parse_server_url gives it
SignOn begin_sign_on(const std::string& url);

/// What a person copied from the browser, without what came along.
std::string trimmed_code(std::string_view text);

/// Ends it with the code that the browser showed; then as log_in.
/// @param where  url and authority; no token yet
/// @error as ApiConnection::ask
Result<FleetContext> log_in_by_code(
    FleetContext where, const SignOn& begun, const std::string& code);

/// Somebody who may sign in from now on.
struct NewUser {
    std::string name;
    std::string role;
    std::string group;    ///< empty: every host group
    std::string subject;  ///< at the server's provider; empty: by a one-time link and a password
};

/// @return the one-time link; empty when the provider lets them in
/// @error as ApiConnection::ask
Result<std::string> add_user(const FleetContext& context, const NewUser& user);

/// As log_in, with a token that somebody made; asks the server whether it is one.
/// @error as ApiConnection::ask
Result<FleetContext> log_in_with_token(FleetContext context);

/// A token with which hosts enrol.
struct EnrolmentWish {
    std::string name;
    std::string group;
    bool reusable = false;
    int days = 1;
    std::vector<std::string> tags = {};  // NOLINT(readability-redundant-member-init)
};

/// @return the token, which the server shows once
/// @error as ApiConnection::ask
Result<std::string> make_enrolment_token(const FleetContext& context, const EnrolmentWish& wish);

}  // namespace thimble::client
