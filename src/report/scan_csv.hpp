#pragma once
/// @file The open findings of a scan as a table for spreadsheets.

#include "thimble/report/scan_report.hpp"

#include <string>

namespace thimble::report {

/// RFC 4180 with a header row, lines end in CRLF; one open finding a row, in the order of the
/// findings. A cell that a spreadsheet would take for a formula starts with an apostrophe instead;
/// control characters and invalid UTF-8 become '?'. Linear.
/// @source docs/formats/exports.md lists the columns
std::string scan_csv(const ScanReport& report);

}  // namespace thimble::report
