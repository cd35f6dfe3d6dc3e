#pragma once
/// @file OSV records: the export format of OSV.dev and of the ecosystems' own databases.

#include "thimble/feeds/document.hpp"

#include <string_view>

namespace thimble::feeds {

/// Reads one OSV record, or an array of them. A record that breaks the schema where it matters (no
/// id, a version that is no string, a range that starts nowhere) is quarantined.
/// What decides beyond the schema:
///  - CVE ids come from the id, `aliases` and `upstream`; from `related` only where an erratum names
///    none otherwise (AlmaLinux);
///  - GIT ranges and entries without a package are dropped;
///  - Go's `custom_ranges` replace a range that covers everything, and join any other;
///  - `fixed: "0"` is NotAffected, Debian's `<end-of-life>` is EndOfLife;
///  - single versions are left out where a range of the same entry covers every version.
/// @source OSV schema 1.7.3 (ossf.github.io/osv-schema)
Result<ParseCounts> parse_osv(const PaddedText& text, const ParseContext& context, Sink& sink);

/// Who speaks in a record of this id: a distribution's tracker, its errata, or a database.
model::Authority osv_authority(std::string_view id);

}  // namespace thimble::feeds
