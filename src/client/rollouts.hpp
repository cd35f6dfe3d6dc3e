#pragma once
/// @file Policies and rollouts, as a person keeps, begins and steers them.

#include "thimble/base/instant.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/client/fleet_context.hpp"
#include "thimble/model/approval.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::client {

/// @error of all: as ApiConnection::ask
/// All or none.
/// @param texts  as the files have them
/// @return names in them of which the server knows nothing, a sentence each
Result<std::vector<std::string>> set_policies(
    const FleetContext& context, std::span<const std::string> texts, const std::string& why);
Result<void> remove_policy(const FleetContext& context, const std::string& name);
/// The text of a policy, as it was given. @error NotFound
Result<std::string> policy_text(const FleetContext& context, const std::string& name);

/// @return the id of the rollout, which is that of its deployment
Result<std::string> begin_rollout(
    const FleetContext& context,
    const std::string& policy,
    bool is_emergency,
    const std::string& why);

/// What a person does to a rollout.
struct RolloutAct {
    std::string rollout;  ///< id
    std::string act;      ///< "pause", "halt", "resume", "skip", "retry"
    std::string ring;     ///< of "skip" and "retry"
    std::string why;
};
Result<void> act_on_rollout(const FleetContext& context, const RolloutAct& act);
/// @param frozen    digest of the set that is meant
/// @param signed_by the person's signature, for hosts that ask for it; may be empty
Result<void> approve_rollout(
    const FleetContext& context,
    const std::string& rollout,
    const std::string& frozen,
    const model::SignedApproval& signed_by,
    const std::string& why);
/// Until when, and why, the change of a host is put off.
struct Deferral {
    std::string rollout;  ///< id
    std::string host_id;
    Instant until;
    std::string why;
};
/// @error Conflict "server.not_deferred"  names the rule that does not allow it
Result<void> defer_host(const FleetContext& context, const Deferral& deferral);
/// What the rollout as a whole waits for, as the server says it.
Result<JsonValue> rollout_outlook(const FleetContext& context, const std::string& rollout);
/// Likewise as lines for people: words of people, the next window, the next step, and how to approve
/// what waits for it. Pure. @param rollout  as the list of rollouts has it
std::string outlook_lines(const JsonValue& outlook, const JsonValue& rollout);
/// Why a host of a rollout stands where it stands, as the server says it: JSON.
/// @param patch  a source package that is asked about; may be empty
Result<std::string> rollout_explanation(
    const FleetContext& context,
    const std::string& rollout,
    const std::string& host_id,
    const std::string& patch);

}  // namespace thimble::client
