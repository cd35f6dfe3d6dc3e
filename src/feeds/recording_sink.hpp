#pragma once
/// @file For tests: a sink that keeps everything, and parsers called on a literal.

#include "thimble/feeds/document.hpp"
#include "thimble/feeds/json_access.hpp"

#include <string>
#include <utility>
#include <vector>

namespace thimble::feeds {

class RecordingSink final : public Sink {
public:
    struct Quarantined {
        std::string record;
        std::string reason;
    };

    void advisory(model::Advisory advisory) override { advisories.push_back(std::move(advisory)); }
    void facts(model::VulnerabilityFacts facts) override { all_facts.push_back(std::move(facts)); }
    void quarantine(std::string_view record, std::string_view reason) override {
        quarantined.push_back({std::string(record), std::string(reason)});
    }

    std::vector<model::Advisory> advisories;
    std::vector<model::VulnerabilityFacts> all_facts;
    std::vector<Quarantined> quarantined;
};

/// What a parser makes of `text`.
struct Parsed {
    RecordingSink sink;
    Result<ParseCounts> counts = ParseCounts{};
};

inline void parse_into(Parsed& parsed, ParseDocument& parse, std::string_view text) {
    JsonScratch scratch;
    parsed.counts =
        parse(PaddedText(text), ParseContext{"test-document", Limits{}, scratch}, parsed.sink);
}

}  // namespace thimble::feeds
