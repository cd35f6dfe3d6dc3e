#pragma once
/// @file The scan as JSON; docs/formats/scan.md describes it.

#include "thimble/report/scan_report.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace thimble::report {

/// One JSON document without a final newline, in pieces of some 64 KiB: a scan with many findings
/// need not hold all of its text. Linear; some 500 MB/s.
void write_scan_json(
    const ScanReport& report, const std::function<void(std::string_view piece)>& take);

/// The same as one string.
std::string scan_json(const ScanReport& report);

/// One patch, and one finding, as the document has it: for documents that tell more of it.
/// @param index  below the number of the report's patches, of its findings
std::string patch_json(const ScanReport& report, std::size_t index);
std::string finding_json(const ScanReport& report, std::size_t index);

}  // namespace thimble::report
