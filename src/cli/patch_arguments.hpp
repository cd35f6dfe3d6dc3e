#pragma once
/// @file Words of the command line turned into the values of a plan.

#include "thimble/base/result.hpp"
#include "thimble/cli/patch_options.hpp"
#include "thimble/model/plan.hpp"

#include <string_view>

namespace thimble::cli {

/// "web=http:http://127.0.0.1/", "db=tcp:127.0.0.1:5432", "cron=command:systemctl is-active cron":
/// the words of a command are split at blanks; no shell reads them.
/// @error Invalid "cli.bad_option"
Result<model::HealthProbe> parse_probe(std::string_view text);

/// Fills selection and policy from the words.
/// @error Invalid "cli.bad_option" names the option and what it may be
Result<void> finish_patch_options(PatchOptions& options);

}  // namespace thimble::cli
