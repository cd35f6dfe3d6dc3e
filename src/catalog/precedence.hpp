#pragma once
/// @file Who is believed where records contradict each other about one package and one vulnerability.
/// Pure; decided once, when the catalog is built.

#include "thimble/catalog/format.hpp"

#include <span>

namespace thimble::catalog {

/// Marks the rows that do not decide with kSuperseded. `rows` are all rows of one package and one
/// vulnerability.
///   1. Withdrawn and unreadable rows neither decide against others nor are superseded.
///   2. "Not affected" of a distribution's tracker silences every other row.
///   3. The strongest authority present decides, except that
///   4. an open row ("affected, whatever the version") of the distribution yields to a row of the distribution that
///      names a fix: that a fix exists is a fact, that none exists was only true when it was written.
/// @source docs/adr/0005-who-is-believed.md
void settle_precedence(std::span<format::Row> rows);

}  // namespace thimble::catalog
