#pragma once
/// @file What a scan says of each vulnerability as OpenVEX statements.

#include "thimble/report/scan_report.hpp"

#include <string>
#include <string_view>

namespace thimble::report {

/// One OpenVEX 0.2.0 document without a final newline. A statement per vulnerability and verdict, with
/// the packages it holds for; the timestamp is report.now, the @id follows from the content. What
/// could not be judged is "under_investigation" with the reason; a report without findings has one
/// statement that says so. Closed findings are stated where the report has them. Linear, but for
/// sorting the findings.
/// @param author  who makes the statements; empty: "Thimble"
/// @source OpenVEX specification 0.2.0
std::string scan_openvex(const ScanReport& report, std::string_view author);

}  // namespace thimble::report
