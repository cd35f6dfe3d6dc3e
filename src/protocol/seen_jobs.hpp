#pragma once
/// @file Which jobs a host has taken already, so that none is taken twice.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::protocol {

struct SeenJob {
    std::string id;
    std::uint64_t sequence = 0;
    Instant expires_at;
    bool operator==(const SeenJob&) const = default;
};

/// Jobs that were taken and are not expired yet, and a floor that stands for all that were forgotten: a
/// clock that is set back brings none of them to life again.
struct SeenJobs {
    std::uint64_t floor = 0;    ///< no job with this sequence or a lower one is taken
    std::vector<SeenJob> jobs;  ///< in the order in which they were taken; at most kMaxSeenJobs
    bool operator==(const SeenJobs&) const = default;
};

constexpr std::size_t kMaxSeenJobs = 1000;

/// Adds one that is taken now, and forgets those that have expired.
SeenJobs with_job(SeenJobs seen, SeenJob job, Instant now);

std::string format_seen_jobs(const SeenJobs& seen);
/// @error Corrupt "protocol.bad_seen_jobs"
Result<SeenJobs> parse_seen_jobs(std::string_view text);

}  // namespace thimble::protocol
