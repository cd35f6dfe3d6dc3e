#pragma once
/// @file What came out of a job, and the text in which it is reported. Pure.

#include "thimble/agent/owner_hook.hpp"
#include "thimble/agent/reboot.hpp"
#include "thimble/protocol/job.hpp"

#include <optional>
#include <string>
#include <vector>

namespace thimble::agent {

/// What came out of a job.
struct JobOutcome {
    std::string outcome;  ///< "done", "failed", "interrupted"
    int exit_status = 0;
    std::string plan_digest;
    std::vector<std::string> documents;  ///< digests of what the agent may take over
    std::string
        evidence;  ///< the one of them that the transaction would have wiped away; empty: none
    std::string output;
    std::optional<RebootEnd> reboot;  ///< of a reboot: what it is proven by
    std::vector<HookEnd> hooks;       ///< those of the owner that ran around it
};

/// Of a long output the end is kept, since what went wrong stands there: at most 48 KiB in all, which fits into a report.
std::string format_job_outcome(const protocol::Job& job, JobOutcome outcome);

}  // namespace thimble::agent
