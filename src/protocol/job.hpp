#pragma once
/// @file A job: the one thing that a server can ask of a host's root helper. There is no free text in it
/// that could become a command.

#include "thimble/base/instant.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/fleet_health.hpp"
#include "thimble/model/owner_hook.hpp"
#include "thimble/model/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::protocol {

enum class JobKind : std::uint8_t {
    Inventory,        ///< read what the host has, with the rights of root
    Prefetch,         ///< freeze a plan on the host and fetch its archives
    Rehearse,         ///< carry the plan out in a clone
    Apply,            ///< carry the rehearsed plan out; needs a lease that was granted just then
    Verify,           ///< is the plan live
    Rollback,         ///< bring the versions before a run back; needs a lease likewise
    RestartServices,  ///< restart what is safe to restart, then verify; needs a lease likewise
    Reboot,           ///< needs a lease likewise
    DeployControl,    ///< put a compensating control up; needs a lease likewise
    VerifyControl,    ///< does the control hold
    RemoveControl,    ///< take it away; needs a lease likewise
    ProbeControl,     ///< is a port of another host, which a control guards, reached from here
};

/// "inventory", "prefetch", …, "reboot", "deploy-control", "verify-control", "remove-control", "probe-control".
std::string_view job_kind_name(JobKind kind);
std::optional<JobKind> job_kind_named(std::string_view name);

/// Whether the server must confirm the lease immediately before: the job changes what runs.
bool needs_lease(JobKind kind);

/// Whether the job is about a plan that was frozen before.
bool needs_plan(JobKind kind);

/// Whether the job is about a compensating control.
bool needs_control(JobKind kind);

/// Whether the job looks at a control and changes nothing: it is given and begun in a halt, too, which would let every
/// control lapse otherwise.
bool looks_at_control(JobKind kind);

/// The control that a job is about.
struct JobControl {
    std::string id;      ///< identifier; names what is put up on the host
    std::string digest;  ///< SHA-256 of the document
    std::string
        document;  ///< of DeployControl: what to put up (docs/formats/control.md); empty for the others
    bool operator==(const JobControl&) const = default;
};

/// A port to which the host of a job opens a connection over TCP, and closes it.
struct JobProbe {
    bool from_allowed = false;  ///< whether it is to get through
    std::string address;        ///< IPv4 or IPv6, as inet_ntop writes it
    std::uint16_t port = 0;
    bool operator==(const JobProbe&) const = default;
};

/// What the owner's hooks are told, and which of them run around a job.
struct JobHooks {
    std::string deployment;  ///< id
    std::vector<model::OwnerHook> steps;
    bool operator==(const JobHooks&) const = default;
};

/// Whether a step belongs around a job of that kind: all around Apply, Drain and Undrain around Reboot, Undrain after
/// the Verify that ends a reboot.
bool takes_hook(JobKind kind, model::HookStep step);

/// One job for one host. Immutable once it is signed.
struct Job {
    JobKind kind = JobKind::Inventory;
    std::string id;                  ///< never used twice
    std::string host;                ///< id of the host that it is for
    std::string plan_digest;         ///< SHA-256; empty where the kind needs no plan
    std::string run;                 ///< of Rollback: the run to take back; empty for other kinds
    model::PlanSelection selection;  ///< of Prefetch; as made by default for other kinds
    /// Of Prefetch: what goes into the plan; none: as thimble-patch has it by default. Written only when it is there, so
    /// that a helper that does not know it takes all jobs without it, and refuses those with it.
    std::optional<model::PlanHealth> health;
    std::optional<JobHooks> hooks;      ///< likewise written only when they are there
    std::optional<JobControl> control;  ///< of the kinds that need one, and of no other
    std::optional<JobProbe> probe;      ///< of ProbeControl, and of no other
    std::string lease;                  ///< id; empty where the kind needs none
    Instant not_before;
    Instant expires_at;          ///< from then on it is refused
    std::uint64_t sequence = 0;  ///< rises with each job for this host
    bool operator==(const Job&) const = default;
};

constexpr std::size_t kMaxJobBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxControlBytes = std::size_t{24}
    << 10;  ///< of a control's document: escaped, it fits into a job
constexpr std::size_t kMaxSelectedNames = 200;  ///< of each list of a selection

/// What a host is to choose from, as an object of JSON without white space; of a job's canonical text.
std::string format_selection(const model::PlanSelection& selection);
/// @error Corrupt "base.bad_json" names the member that is missing, unknown or no name
Result<model::PlanSelection> parse_selection(const JsonValue& value);

/// The canonical text of a job: JSON, members in a fixed order, no white space. This is what is signed.
/// @source docs/formats/job.md
std::string format_job(const Job& job);

/// Takes canonical text only: what was checked and what was signed must be the same bytes.
/// @error Unsupported "protocol.unknown_kind"  a kind that this version does not know;
///        Corrupt "protocol.bad_job"  anything else that is wrong, which is named
Result<Job> parse_job(std::string_view text);

}  // namespace thimble::protocol
