#pragma once
/// @file The token that a host enrols with: it names the authority that the host may believe.

#include "thimble/base/result.hpp"

#include <string>
#include <string_view>

namespace thimble::server {

/// `thimble1.<authority>.<id>.<secret>`.
/// @source docs/formats/agent-protocol.md, docs/adr/0021-pinned-enrolment-tokens.md
struct EnrolmentTokenText {
    std::string authority;  ///< SHA-256 of the DER of the authority's certificate, base64url
    std::string id;         ///< base64url, at most 64 characters
    std::string secret;     ///< 32 bytes in base64url
    bool operator==(const EnrolmentTokenText&) const = default;
};

std::string format_enrolment_token(const EnrolmentTokenText& token);

/// @error Invalid "server.bad_token"
Result<EnrolmentTokenText> parse_enrolment_token(std::string_view text);

}  // namespace thimble::server
