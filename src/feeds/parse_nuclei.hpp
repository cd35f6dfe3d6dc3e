#pragma once
/// @file The list of CVEs that nuclei has a template for: cves.json, one JSON object a line.

#include "thimble/feeds/document.hpp"

namespace thimble::feeds {

/// One VulnerabilityFacts with evidence per line; the reference is the template's path from "cves/" or
/// "http/" on (some copies write absolute paths). A line that is no such object is quarantined.
/// @source github.com/projectdiscovery/nuclei-templates cves.json
Result<ParseCounts> parse_nuclei(const PaddedText& text, const ParseContext& context, Sink& sink);

}  // namespace thimble::feeds
