#pragma once
/// @file What `thimble verify` found, as text and as JSON.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/verify/verdict.hpp"

#include <optional>
#include <string>
#include <vector>

namespace thimble::cli {

/// A run that a living process is carrying out.
struct RunAtWork {
    std::string run;
    apply::LockHolder worker;
};

struct VerifyReport {
    Instant at;
    std::string run;            ///< that was looked at; empty: a plan, or none
    std::string plan;           ///< file of that plan; empty: of none
    std::string plan_step;      ///< that carries it out, or comes before that; empty: it is there
    std::vector<OpenRun> open;  ///< oldest first: what it has changed is in no other run's verdicts
    /// Where a run is open and nobody carries it out: who else holds the lock of the host, so that it cannot go on.
    std::optional<apply::LockHolder> lock_holder;
    std::optional<RunAtWork> at_work;           ///< one of them; then nothing else was looked at
    std::optional<FailedReturn> failed_return;  ///< of the host, whichever run was looked at
    bool has_restarted = false;  ///< what may be restarted has been, as far as it let itself
    verify::VerifyFacts facts;
    std::string no_health;  ///< why nothing told whether the host is well; empty: something did
    std::vector<verify::PatchVerdict> patches;
    std::vector<std::string>
        left_files;  ///< that the run left beside configuration files and that are there still
    std::vector<verify::UnitRestart> restarts;  ///< of the whole host
    std::vector<std::string> reboot;            ///< why the whole host waits for a boot
};

/// What the exit status says. A reboot that waits for another reason than the plan's does not count where a plan was asked about.
int verify_status(const VerifyReport& report);

/// Format `thimble.verification/1`, docs/formats/verification.md.
std::string verify_json(const VerifyReport& report);
/// @param host  what the next command must be told to be about the same host
std::string verify_text(const VerifyReport& report, const std::string& host);

}  // namespace thimble::cli
