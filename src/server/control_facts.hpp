#pragma once
/// @file Controls as the database has them, in the words of the decisions. Pure.

#include "thimble/prioritize/shield.hpp"
#include "thimble/rollout/control_course.hpp"
#include "thimble/store/controls.hpp"

#include <string>

namespace thimble::server {

/// What is said of a host that left the scope of a control.
inline constexpr const char* kLeftScope = "no longer in its scope";

/// A word that this version does not know counts for nothing.
rollout::ControlState control_state_of(const std::string& word);
rollout::RetirementRule retirement_rule_of(const store::ControlRecord& record);

/// Put up, whether or not it holds.
bool is_control_up(rollout::ControlState state);

/// What is on a device that no agent reaches has no jobs.
bool has_control_jobs(const store::ControlRecord& record);

rollout::ControlTerms terms_of(const store::ControlRecord& record);
rollout::ControlledHost controlled_host(
    const store::ControlHost& host, const store::ControlRecord& record);

/// What it covers, as decisions see it, without what its host says of it.
prioritize::HostControl covering(const store::ControlRecord& record);

/// As decisions see it on one host.
prioritize::HostControl on_host(
    const store::ControlRecord& record, const store::ControlHost& host, Instant now);

}  // namespace thimble::server
