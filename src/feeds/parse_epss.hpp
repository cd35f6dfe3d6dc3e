#pragma once
/// @file Exploit Prediction Scoring System: the daily CSV.

#include "thimble/feeds/document.hpp"

namespace thimble::feeds {

/// One VulnerabilityFacts with `epss` per line. The comment line `#model_version:…,score_date:…` may
/// be missing (files before 2022): then the model is "" and the scores carry the epoch as their day.
/// @return `newest` is the score date
/// @error Corrupt "feeds.not_this_feed"  no header line "cve,epss…"
/// @source first.org/epss/data_stats
Result<ParseCounts> parse_epss(const PaddedText& text, const ParseContext& context, Sink& sink);

}  // namespace thimble::feeds
