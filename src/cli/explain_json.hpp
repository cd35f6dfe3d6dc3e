#pragma once
/// @file `thimble explain --json`; docs/formats/explain.md describes it.

#include "thimble/cli/explained.hpp"
#include "thimble/cli/scan_command.hpp"

#include <string>

namespace thimble::cli {

/// One JSON document without a final newline: all findings, open or not.
std::string explain_json(const Scan& scan, const ScanOptions& options, const Explained& found);

}  // namespace thimble::cli
