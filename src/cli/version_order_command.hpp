#pragma once
/// @file `thimble version-order ECOSYSTEM`: compares pairs of versions.

#include <iosfwd>
#include <string_view>

namespace thimble::cli {

/// Reads lines `a<TAB>b` from `in`; writes `<`, `=`, `>` or `invalid: reason` for each to `out`.
/// @return 0, or 1 when a line was invalid; 64 for an ecosystem that has no order, which `err` then explains
int run_version_order(
    std::string_view ecosystem, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
