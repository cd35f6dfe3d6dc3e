#pragma once
/// @file Exceptions, as a person asks for them and answers.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/client/fleet_context.hpp"

#include <string>
#include <vector>

namespace thimble::client {

/// What is asked for.
struct ExceptionWish {
    std::string reason;
    std::string owner;
    std::string until;  ///< RFC 3339
    std::string group;
    std::string tag;
    std::vector<std::string>
        hosts;  ///< ids; what is none the server refuses with all else that is wrong
    std::vector<std::string> packages;
    std::vector<std::string> vulnerabilities;
    std::vector<std::string> controls;
    std::string why;
};
struct AskedException {
    std::string id;
    std::string would_cover;  ///< how many missing patches of hosts, as text
    std::vector<std::string>
        warnings;  ///< names of which the server knows nothing, a sentence each
};
/// @error as ApiConnection::ask, likewise below
Result<AskedException> request_exception(const FleetContext& context, const ExceptionWish& wish);

struct ExceptionAnswer {
    std::string id;
    std::string act;  ///< "approve", "refuse", "renew", "revoke"
    Instant
        until;  ///< of "renew"; of "approve" the end that is meant, where more time is asked for
    std::string why;
};
Result<void> act_on_exception(const FleetContext& context, const ExceptionAnswer& answer);

/// @param text  of a VEX document
Result<void> attach_to_exception(
    const FleetContext& context, const std::string& id, const std::string& text);

}  // namespace thimble::client
