#pragma once
/// @file The scan as a table for people.

#include "thimble/report/scan_report.hpp"

#include <cstddef>
#include <string>

namespace thimble::report {

struct TableStyle {
    std::size_t most_patches = 15;  ///< more are counted, not shown
    bool utf8 = true;               ///< else ASCII only
    bool colour = false;
    std::string
        repeated;  ///< what each command to type has to repeat, quoted, with a blank in front
};

/// Lines of at most 80 columns but for commands with what they repeat; the last one is the next
/// command to type. Text from feeds and packages
/// is made printable first: nothing in it drives the terminal.
std::string scan_table(const ScanReport& report, const TableStyle& style);

}  // namespace thimble::report
