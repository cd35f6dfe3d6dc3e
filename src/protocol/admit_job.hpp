#pragma once
/// @file Whether a host may take a job: everything is checked here, in one pure function.

#include "thimble/base/instant.hpp"
#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/protocol/seen_jobs.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::protocol {

/// Why a job is refused.
enum class JobRefusal : std::uint8_t {
    Forged,       ///< not signed by this host's deployment key
    Altered,      ///< the content is not what was signed
    Malformed,    ///< signed, but not a job as this version writes it
    UnknownKind,  ///< of a kind that this version does not know
    Foreign,      ///< for another host
    TooEarly,     ///< its time has not come
    Expired,
    Replayed,    ///< taken before, or older than what was forgotten
    Halted,      ///< its lease was not granted (LeaseGrant)
    Unanswered,  ///< nobody said in time whether its lease holds: it may be asked for again
};

/// "forged", "altered", "malformed", "unknown-kind", "foreign", "too-early", "expired",
/// "replayed", "halted", "unanswered".
std::string_view job_refusal_name(JobRefusal refusal);

/// What a host checks a job against.
struct HostIdentity {
    std::string host;
    DeploymentKey key;
    bool operator==(const HostIdentity&) const = default;
};

/// Checks the signature first: nothing of a content that is not signed is looked at.
/// @param now  the host's own clock, UTC
/// @source docs/formats/job.md
Result<Job, JobRefusal> admit_job(
    const Envelope& envelope, const HostIdentity& identity, const SeenJobs& seen, Instant now);

/// The server's word that a lease still holds, asked for immediately before a host is changed.
struct LeaseGrant {
    std::string host;
    std::string job;
    std::string lease;
    std::string challenge;  ///< chosen by the host by chance for this one question
    std::string
        approval;  ///< model::ApprovalEvidence as text, for hosts that ask for it; may be empty
    bool operator==(const LeaseGrant&) const = default;
};

/// The canonical text, which is signed.
std::string format_lease_grant(const LeaseGrant& grant);
/// @error Corrupt "protocol.bad_lease_grant"
Result<LeaseGrant> parse_lease_grant(std::string_view text);

/// Whether an envelope grants the lease of this job in answer to this challenge.
/// @error JobRefusal::Forged, Altered, Malformed; Halted: it grants something else
Result<LeaseGrant, JobRefusal> check_lease(
    const Envelope& envelope, const Job& job, std::string_view challenge, const DeploymentKey& key);

}  // namespace thimble::protocol
