#pragma once
/// @file How a run ended: told to people and programs, with its exit status and the next step.

#include "thimble/apply/plan_run.hpp"
#include "thimble/apply/run_cause.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/cli/patch_options.hpp"

#include <ostream>
#include <span>
#include <string>

namespace thimble::cli {

struct FinishedRun {
    std::string run;
    std::string subject;  ///< of a rollback the run that it takes back, else the digest of the plan
    apply::RunReport report;
    bool is_rollback = false;
    bool pins_are_settled = true;                    ///< when it had ended
    apply::RunCause cause = apply::RunCause::Patch;  ///< where it did not get there
    std::string holder;                              ///< of a lock that was the cause; may be empty
};

int status_of(const FinishedRun& finished);

/// Tells why a run was not begun.
/// @return kSkipped where it was refused, like a pre-check: what was asked for may not be done to this host. A lock is only in the way.
int complain_of_refusal(std::ostream& err, const Error& error);

/// The members of an object that the caller opens and closes.
/// @param options  name the host for the next step
void write_finished(JsonWriter& json, const FinishedRun& finished, const PatchOptions& options);

void show(const PatchOptions& options, const FinishedRun& finished, std::ostream& out);

/// The run that was taken up and is of the very order that was given now, where it answers that: nothing more is to be begun.
/// @param subject  of the order
/// @return one of `resumed`, or null
const FinishedRun* answer_of(std::span<const FinishedRun> resumed, const std::string& subject);

/// The same, for somebody who asked for a run of his own.
FinishedRun as_answer(FinishedRun finished);

/// Of runs that were taken up before what was asked for.
/// @param answer  the one that is told at the end; may be null
void tell_resumed(
    std::span<const FinishedRun> resumed,
    const FinishedRun* answer,
    const PatchOptions& options,
    std::ostream& err);

}  // namespace thimble::cli
