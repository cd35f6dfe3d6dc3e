#include "thimble/protocol/admit_job.hpp"

#include <algorithm>
#include <utility>

namespace thimble::protocol {
namespace {

Result<void, JobRefusal> open_seal(const Envelope& envelope, const DeploymentKey& key) {
    switch (check_seal(envelope, key)) {
        case SealCheck::Intact: return {};
        case SealCheck::Forged: return JobRefusal::Forged;
        case SealCheck::Altered: return JobRefusal::Altered;
    }
    return JobRefusal::Forged;
}

bool was_taken(const SeenJobs& seen, const Job& job) {
    return job.sequence <= seen.floor || std::ranges::any_of(seen.jobs, [&](const SeenJob& one) {
               return one.id == job.id || one.sequence == job.sequence;
           });
}

}  // namespace

std::string_view job_refusal_name(JobRefusal refusal) {
    switch (refusal) {
        case JobRefusal::Forged: return "forged";
        case JobRefusal::Altered: return "altered";
        case JobRefusal::Malformed: return "malformed";
        case JobRefusal::UnknownKind: return "unknown-kind";
        case JobRefusal::Foreign: return "foreign";
        case JobRefusal::TooEarly: return "too-early";
        case JobRefusal::Expired: return "expired";
        case JobRefusal::Replayed: return "replayed";
        case JobRefusal::Halted: return "halted";
        case JobRefusal::Unanswered: return "unanswered";
    }
    return {};
}

Result<Job, JobRefusal> admit_job(
    const Envelope& envelope, const HostIdentity& identity, const SeenJobs& seen, Instant now) {
    THIMBLE_TRY(open_seal(envelope, identity.key));
    auto job = parse_job(envelope.content);
    if (!job) {
        return job.error().code == "protocol.unknown_kind" ? JobRefusal::UnknownKind
                                                           : JobRefusal::Malformed;
    }
    if (job->host != identity.host) {
        return JobRefusal::Foreign;
    }
    if (now >= job->expires_at) {
        return JobRefusal::Expired;
    }
    if (now < job->not_before) {
        return JobRefusal::TooEarly;
    }
    if (was_taken(seen, *job)) {
        return JobRefusal::Replayed;
    }
    return *std::move(job);
}

Result<LeaseGrant, JobRefusal> check_lease(
    const Envelope& envelope,
    const Job& job,
    std::string_view challenge,
    const DeploymentKey& key) {
    THIMBLE_TRY(open_seal(envelope, key));
    auto grant = parse_lease_grant(envelope.content);
    if (!grant) {
        return JobRefusal::Malformed;
    }
    const bool is_ours = grant->host == job.host && grant->job == job.id
        && grant->lease == job.lease && grant->challenge == challenge;
    if (!is_ours) {
        return JobRefusal::Halted;
    }
    return *std::move(grant);
}

}  // namespace thimble::protocol
