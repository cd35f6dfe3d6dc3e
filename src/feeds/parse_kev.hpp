#pragma once
/// @file CISA's catalog of Known Exploited Vulnerabilities, the JSON feed.

#include "thimble/feeds/document.hpp"

namespace thimble::feeds {

/// One VulnerabilityFacts with `kev` per entry. Fields carry stray white space, which is trimmed; an
/// entry without a CVE id or without a date of addition is quarantined.
/// @return `newest` is the catalog's dateReleased
/// @error Corrupt "feeds.not_this_feed"  no object with an array "vulnerabilities"
/// @source CISA known_exploited_vulnerabilities_schema.json
Result<ParseCounts> parse_kev(const PaddedText& text, const ParseContext& context, Sink& sink);

}  // namespace thimble::feeds
