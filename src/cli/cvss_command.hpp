#pragma once
/// @file `thimble cvss`: scores vectors.

#include <iosfwd>

namespace thimble::cli {

/// Reads one CVSS vector a line from `in`; writes `score<TAB>severity` (`9.8<TAB>Critical`) or
/// `invalid: reason` for each to `out`.
/// @return 0, or 1 when a line was invalid
int run_cvss(std::istream& in, std::ostream& out);

}  // namespace thimble::cli
