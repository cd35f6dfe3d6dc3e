#pragma once
/// @file The open findings of a scan as SARIF, for code-scanning views.

#include "thimble/report/scan_report.hpp"

#include <string>

namespace thimble::report {

/// One SARIF 2.1.0 log without a final newline: a rule per vulnerability, a result per open finding,
/// a tool notification per gap. What could not be judged is a result of kind "open". Results keep
/// their fingerprint from scan to scan. Linear.
/// @source OASIS SARIF 2.1.0
std::string scan_sarif(const ScanReport& report);

}  // namespace thimble::report
