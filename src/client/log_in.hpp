#pragma once
/// @file From a password to a token that can be saved.

#include "thimble/client/fleet_context.hpp"

#include <string>
#include <vector>

namespace thimble::client {

/// Whom to log in where.
struct LogIn {
    std::string url;
    std::string authority;  ///< as in FleetContext
    std::string name;
    std::string password;
    bool administer = false;  ///< whether the token may administer, if the account may
};

/// Signs in, has an API token made that reads and makes enrolment tokens as far as the account may, and
/// signs out again: the password is good for this once.
/// @error as ApiConnection::ask
Result<FleetContext> log_in(const LogIn& wanted);

/// The same with a token that somebody made; asks the server whether it is one.
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
