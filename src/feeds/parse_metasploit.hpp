#pragma once
/// @file Metasploit module metadata: which CVEs have a module.

#include "thimble/feeds/document.hpp"

namespace thimble::feeds {

/// One VulnerabilityFacts with evidence per (module, CVE); the reference is the module's path
/// ("exploit/windows/smb/smb_doublepulsar_rce"). Reads both forms that are published:
///  - `modules_metadata_base.json`: an object of modules with `references`;
///  - one file per CVE: an array of modules with `CveIDs`.
/// Modules without a CVE are well formed and give nothing.
/// @error Corrupt "feeds.not_this_feed"  neither of the two forms
/// @source github.com/rapid7/metasploit-framework db/modules_metadata_base.json
Result<ParseCounts> parse_metasploit(
    const PaddedText& text, const ParseContext& context, Sink& sink);

}  // namespace thimble::feeds
