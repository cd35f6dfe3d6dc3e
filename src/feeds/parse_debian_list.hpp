#pragma once
/// @file The Debian security tracker's lists of advisories: data/DSA/list and data/DLA/list.

#include "thimble/feeds/document.hpp"

namespace thimble::feeds {

/// One Advisory per advisory of the list, CVEs or not. `<not-affected>`, `<end-of-life>`, `<unfixed>`
/// and their like become claims; NOTE and TODO lines are skipped. A line inside an advisory that
/// cannot be read is quarantined alone; one that opens an advisory takes its lines with it.
/// @return `newest` is the day of the newest advisory
/// @error Corrupt "feeds.not_this_feed"  no line opens an advisory
/// @source salsa.debian.org/security-tracker-team/security-tracker, doc/DSA-list
Result<ParseCounts> parse_debian_dsa(
    const PaddedText& text, const ParseContext& context, Sink& sink);
Result<ParseCounts> parse_debian_dla(
    const PaddedText& text, const ParseContext& context, Sink& sink);

}  // namespace thimble::feeds
