#pragma once
/// @file The Debian security tracker's JSON: the state of every CVE in every release, per source.

#include "thimble/feeds/document.hpp"

namespace thimble::feeds {

/// One Advisory per (source package, CVE or TEMP id), with an affected entry per release; ids repeat
/// where a vulnerability concerns several sources.
///  - resolved: affected below `fixed_version`; "0" is NotAffected;
///  - open: affected without a fix; `nodsa_reason` "ignored" is WontFix, any other no-DSA is Postponed,
///    urgency "end-of-life" is EndOfLife;
///  - undetermined: UnderInvestigation.
/// Urgencies are labels without the tracker's asterisks; "unimportant" is also kept for its release.
/// Codenames become OSV ecosystems
/// ("bookworm" is "Debian:12"); what has no number keeps its name ("Debian:sid").
/// @error Corrupt "feeds.not_this_feed"  not an object of objects
/// @source security-tracker.debian.org/tracker/data/json
Result<ParseCounts> parse_debian_tracker(
    const PaddedText& text, const ParseContext& context, Sink& sink);

}  // namespace thimble::feeds
