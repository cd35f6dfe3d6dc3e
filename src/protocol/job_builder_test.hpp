#pragma once
/// @file Jobs for tests: valid as made, altered by the test.

#include "thimble/base/digest.hpp"
#include "thimble/protocol/admit_job.hpp"

#include <chrono>

namespace thimble::protocol {

inline SigningSeed seed_of(unsigned char byte) {
    SigningSeed seed{};
    seed.fill(byte);
    return seed;
}

inline Instant instant_of(std::int64_t seconds) {
    return Instant(std::chrono::seconds(seconds));
}

/// An apply job for "host-1", valid from 1000 to 2000.
inline Job apply_job() {
    Job job;
    job.kind = JobKind::Apply;
    job.id = "job-1";
    job.host = "host-1";
    job.plan_digest = sha256_of("a plan");
    job.lease = "lease-1";
    job.not_before = instant_of(1000);
    job.expires_at = instant_of(2000);
    job.sequence = 7;
    return job;
}

}  // namespace thimble::protocol
