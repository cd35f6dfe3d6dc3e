#pragma once
/// @file What people do to a control after they asked for it: within one transaction.

#include "thimble/server/control_course.hpp"

#include <optional>
#include <string>

namespace thimble::server {

/// An act, who does it, and why.
struct ControlAct {
    std::string act;      ///< "deploy", "resume", "verify", "attest", "renew", "retire"
    std::string host_id;  ///< empty: to all of its hosts
    std::string why;
    std::optional<Instant> until;  ///< of an attestation or a renewal
    std::string actor;             ///< for the audit log
    std::string person;            ///< "user:NAME"
};

/// @error Conflict "server.not_so"  it makes no sense for that control as it stands;
///        Invalid "server.bad_body"; NotFound "server.no_host"
Result<void> act_on(
    Context& context,
    store::Connection& connection,
    ControlCourse& course,
    const ControlAct& act,
    Instant now);

/// Whether an end is ahead, and not too far: at most 90 days, 14 when something that it covers is in KEV.
/// @error Invalid "server.bad_body"
Result<void> check_control_end(
    const Context& context, const store::ControlRecord& record, Instant end, Instant now);

/// At most so long is between two proofs, or is an attestation good.
inline constexpr std::int64_t kMostVerifySeconds = std::int64_t{30} * 24 * 3600;

/// The problem of what makes no sense as things stand.
Error not_so(std::string what);

}  // namespace thimble::server
