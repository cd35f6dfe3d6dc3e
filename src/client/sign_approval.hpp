#pragma once
/// @file A person's signature under the frozen set of a rollout, made with the person's own SSH key.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/client/fleet_context.hpp"
#include "thimble/model/approval.hpp"

#include <string>

namespace thimble::client {

/// What is signed, and with what.
struct ApprovalOrder {
    std::string rollout;        ///< id
    std::string frozen;         ///< the set, as the server shows it: JSON
    std::string frozen_digest;  ///< as the server says
    std::string key;            ///< private key; or public key of one that ssh-agent or a token has
    std::chrono::hours valid{};
};

/// Asks the server who is signed in, checks that the digest is that of the set which was shown, and lets
/// ssh-keygen sign.
/// @error Corrupt "client.other_set": the digest is of something else; Unavailable "client.not_signed":
///        what ssh-keygen said; as call_api
/// @source PROTOCOL.sshsig of OpenSSH
Result<model::SignedApproval> sign_approval(
    const FleetContext& context, const ApprovalOrder& order, Instant now);

}  // namespace thimble::client
