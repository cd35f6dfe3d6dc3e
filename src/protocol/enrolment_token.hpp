#pragma once
/// @file The token with which a host enrols. It pins the server's authority, so that the first connection
/// is authentic already.

#include "thimble/base/result.hpp"

#include <string>
#include <string_view>

namespace thimble::protocol {

/// `thimble1.<authority>.<id>.<secret>`
struct EnrolmentToken {
    std::string authority;  ///< SHA-256 of the authority certificate's DER, lower-case hexadecimal
    std::string id;
    std::string secret;  ///< base64 for URLs, 22 to 86 characters
    bool operator==(const EnrolmentToken&) const = default;
};

/// @param token  one that parse_enrolment_token would give
std::string format_enrolment_token(const EnrolmentToken& token);

/// @error Invalid "protocol.bad_token"; the text is not repeated, since it is a secret
Result<EnrolmentToken> parse_enrolment_token(std::string_view text);

}  // namespace thimble::protocol
