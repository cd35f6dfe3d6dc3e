#pragma once
/// @file The packages of a host and what is known of them as a CycloneDX bill of materials.

#include "thimble/report/scan_report.hpp"

#include <string>

namespace thimble::report {

/// One CycloneDX 1.6 BOM as JSON without a final newline: every package is a component, every
/// vulnerability with one verdict is a vulnerability with the components it holds for; the serial
/// number follows from the content. Packages that could not be judged carry the property
/// "thimble:unjudged", gaps are properties of the BOM. Linear, but for sorting.
/// @source CycloneDX 1.6, ECMA-424; docs/formats/exports.md lists the properties
std::string scan_cyclonedx(const ScanReport& report);

}  // namespace thimble::report
