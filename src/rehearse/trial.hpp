#pragma once
/// @file A trial: something that is run in the clone before the transaction and again after it.

#include "thimble/host/host.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace thimble::rehearse {

struct Trial {
    std::string name;  ///< "config nginx"; the same before and after
    std::vector<std::string> argv;
    std::string user;        ///< empty: root
    std::string run_folder;  ///< below /run, made for it where it is not there; empty: none
    /// What argv[0], a script, has do the work; empty: that does it itself.
    std::string worker = {};  // NOLINT(readability-redundant-member-init): g++ warns else
    bool operator==(const Trial&) const = default;
};

struct TrialResult {
    std::string name;
    bool passed = false;
    std::string output;            ///< the last of what it said, at most 4 KiB
    bool was_tried_again = false;  ///< it failed beside others, and this is of a second time, alone
    bool operator==(const TrialResult&) const = default;
};

/// Runs it; one that cannot be started has not passed.
TrialResult run_trial(host::Host& host, const Trial& trial, std::chrono::milliseconds timeout);

/// Words in front of a command that make `user` run it, with that user's own groups.
/// @param group  empty: the primary group of the user
std::vector<std::string> as_user(
    host::Host& host, const std::string& user, const std::string& group);

/// What to think of a trial that fails and failed before.
enum class FailedBefore : std::uint8_t {
    IsNoted,  ///< Pass: the patch has not broken it
    IsDoubt,  ///< Warn: somebody wanted it tried, and it could not be
};

/// One check for each trial: only what passed before can fail. What is new and fails is for a person.
/// @param before, after  names unique; those that are only before are left out
std::vector<Check> compare_trials(
    const std::vector<TrialResult>& before,
    const std::vector<TrialResult>& after,
    FailedBefore failed_before = FailedBefore::IsNoted);

/// The same as one check, for trials that are many.
Check gather_trials(
    const std::string& name,
    const std::vector<TrialResult>& before,
    const std::vector<TrialResult>& after);

}  // namespace thimble::rehearse
