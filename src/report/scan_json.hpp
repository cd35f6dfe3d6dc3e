#pragma once
/// @file The scan as JSON; docs/formats/scan.md describes it.

#include "thimble/report/scan_report.hpp"

#include <string>

namespace thimble::report {

/// One JSON document without a final newline. Linear; some 500 MB/s.
std::string scan_json(const ScanReport& report);

}  // namespace thimble::report
