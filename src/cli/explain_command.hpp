#pragma once
/// @file `thimble explain CVE-… | PACKAGE`: the whole reasoning behind what a scan says.

#include "thimble/base/error.hpp"
#include "thimble/cli/scan_command.hpp"
#include "thimble/model/inventory.hpp"

#include <ostream>
#include <string>

namespace thimble::cli {

/// Scans, then prints for every finding that `subject` names (a vulnerability, or a binary or source
/// package): the records used and those not believed, the versions compared, both decision rows with
/// every input, its source and date, and what would change the decision. With ScanFormat::Json as explain_json.
/// @return as run_scan, for the findings of the subject; 66 when nothing is known of it
int run_explain(
    const ScanOptions& options, const std::string& subject, std::ostream& out, std::ostream& err);

/// That nothing is known of what was asked about, with the command to type next for the very host and data.
/// @return NotFound "cli.nothing_known"
Error nothing_known(
    const std::string& subject, const model::Inventory& inventory, const ScanOptions& options);

}  // namespace thimble::cli
