#pragma once
/// @file What a host reports of a job, and what it comes to for the course of a deployment. Pure; all of
/// it is the host's word. Format: docs/formats/agent-protocol.md.

#include "thimble/rollout/host_course.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/hosts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::server {

/// One report about one job.
struct JobReport {
    enum class Kind : std::uint8_t { Progress, Result, Refused };
    Kind kind = Kind::Progress;
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string job = {};
    std::string text = {};         ///< the line, the reason, or what the program printed
    std::string outcome = {};      ///< of Result: "done", "failed", "interrupted"
    int exit_status = 0;           ///< of Result
    std::string plan_digest = {};  ///< of Result; may be empty
    std::string document = {};     ///< of Result: digest of the first document; empty: none
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const JobReport&) const = default;
};

/// @return none: it is of another kind, or is not as it should be
std::optional<JobReport> parse_job_report(const store::Report& report);

/// How the job ended, for the course of its host.
/// @param kind      "prefetch", "rehearse", "apply", "verify", "restart-services"; others end the same way
/// @param document  what its program printed as JSON; empty: it did not come
rollout::JobEnd end_of_job(
    const JobReport& report, std::string_view kind, std::string_view document);

/// The plan that a prefetch froze, for the list of plans.
/// @return none: the document is not a plan with that digest
std::optional<store::HostPlan> plan_of_document(
    const std::string& digest, std::string_view document);

}  // namespace thimble::server
