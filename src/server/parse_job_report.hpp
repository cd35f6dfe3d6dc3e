#pragma once
/// @file What a host reports of a job, and what it comes to for the course of a deployment. Pure; all of
/// it is the host's word. Format: docs/formats/agent-protocol.md.

#include "thimble/model/owner_hook.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rollout/host_course.hpp"
#include "thimble/store/deployments.hpp"
#include "thimble/store/hosts.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::server {

/// How a hook ended, as its host tells it.
struct HookReport {
    model::HookStep step = model::HookStep::Drain;
    std::string name;
    std::string ended;  ///< "done", "failed", "late", "refused"
    std::int64_t exit_status = 0;
    std::int64_t seconds = 0;
    std::string output;
    bool operator==(const HookReport&) const = default;
};
/// As an array of JSON; empty: there are none.
std::string format_hooks(std::span<const HookReport> hooks);

/// One report about one job.
struct JobReport {
    enum class Kind : std::uint8_t { Begun, Progress, Waiting, Result, Refused };
    Kind kind = Kind::Progress;
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string job = {};
    std::string text =
        {};  ///< the line, why it does not begin, the reason, or what the program printed
    std::string outcome = {};      ///< of Result: "done", "failed", "interrupted"
    int exit_status = 0;           ///< of Result
    std::string plan_digest = {};  ///< of Result; may be empty
    std::string document = {};     ///< of Result: digest of what was printed; empty: nothing
    std::string evidence = {};     ///< of Result: digest of its volatile evidence; empty: none
    std::string boot_before = {};  ///< of the Result of a reboot: ids of boots
    std::string boot_after = {};
    std::vector<HookReport> hooks = {};  ///< of Result, in the order in which they ran
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const JobReport&) const = default;
};

/// @return none: it is of another kind, or is not as it should be
std::optional<JobReport> parse_job_report(const store::Report& report);

/// What is known of the job that ended.
struct JobFacts {
    /// "prefetch", "rehearse", "apply", "verify", "restart-services"; others end the same way.
    std::string_view kind;
    /// What its program printed as JSON; empty: it did not come.
    std::string_view document;
    /// Source and version of each patch of its plan: a verification must tell of all of them.
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::span<const std::pair<std::string, std::string>> planned = {};
    /// What its policy says of hooks that failed.
    std::span<const model::OwnerHook> hooks = {};
    // NOLINTEND(readability-redundant-member-init)
};

/// How the job ended, for the course of its host. Of a prefetch the plan is another matter: `plan_of_document`.
rollout::JobEnd end_of_job(const JobReport& report, const JobFacts& facts);

/// A plan that a prefetch froze.
struct FrozenPlan {
    store::HostPlan row;    ///< for the list of plans; its host and document are not known here
    model::Plan plan;       ///< all of it
    std::string selection;  ///< as protocol::format_selection writes it
    std::string problem;    ///< the first that refuses it; empty: none does
};

/// What a prefetch that made no plan left out.
/// @return none: the document does not tell, or has not come
std::optional<std::vector<model::LeftOut>> left_out_of_document(std::string_view document);

/// @return none: the document is not a plan with that digest
std::optional<FrozenPlan> plan_of_document(const std::string& digest, std::string_view document);

}  // namespace thimble::server
