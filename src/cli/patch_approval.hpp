#pragma once
/// @file Whether people whom the host's owner named have signed a plan.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/cli/patch_options.hpp"
#include "thimble/model/plan.hpp"

#include <string>

namespace thimble::cli {

/// @return the evidence, to be kept with the run; empty: nobody asked for approvals (--approvers)
/// @error Conflict "apply.not_approved": too few have signed what this plan is part of; Corrupt
///        "model.bad_approval"; Denied "apply.open_approvers": others than root may write the list
/// @source PROTOCOL.sshsig of OpenSSH, by `ssh-keygen -Y verify`
Result<std::string> check_approvals(
    const PatchOptions& options, const model::Plan& plan, Instant now);

}  // namespace thimble::cli
