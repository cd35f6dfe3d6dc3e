#pragma once
/// @file CVE JSON 5 records, as CISA's Vulnrichment and the CVE list serve them: SSVC, CVSS, state.

#include "thimble/feeds/document.hpp"

namespace thimble::feeds {

/// One VulnerabilityFacts per record. SSVC values are read in any case and key spelling, the newest
/// statement of all containers wins; CVSS vectors come from the CNA first, then from the others. CISA's
/// KEV mark counts as active exploitation where SSVC has none; the catalog itself is the feed "kev".
/// A record without a CVE id is quarantined.
/// @source CVE Record Format 5.1; CISA Vulnrichment
Result<ParseCounts> parse_cve_record(
    const PaddedText& text, const ParseContext& context, Sink& sink);

}  // namespace thimble::feeds
