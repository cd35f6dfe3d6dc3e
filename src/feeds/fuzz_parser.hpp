#pragma once
/// @file For fuzz targets: a parser on hostile bytes, and what must hold for whatever it gives.

#include "thimble/feeds/document.hpp"
#include "thimble/feeds/json_access.hpp"

#include <cstddef>
#include <cstdint>

namespace thimble::feeds {

/// Aborts when a record breaks a promise of the model.
class CheckingSink final : public Sink {
public:
    void advisory(model::Advisory advisory) override {
        THIMBLE_CHECK(!advisory.id.empty() && !advisory.feed.empty());
        THIMBLE_CHECK(!advisory.vulnerabilities.empty());
        THIMBLE_CHECK(advisory.summary.size() <= 300);
        for (const model::AffectedPackage& package : advisory.affected) {
            THIMBLE_CHECK(!package.ecosystem.empty() && !package.name.empty());
        }
        ++records;
    }
    void facts(model::VulnerabilityFacts facts) override {
        THIMBLE_CHECK(!facts.id.empty() && !facts.feed.empty());
        THIMBLE_CHECK(facts.summary.size() <= 300);
        ++records;
    }
    void quarantine(std::string_view, std::string_view reason) override {
        THIMBLE_CHECK(!reason.empty());
        ++quarantined;
    }

    std::uint64_t records = 0;
    std::uint64_t quarantined = 0;
};

/// Runs a parser; when it succeeds, its counts are what the sink got.
inline int fuzz_parser(ParseDocument& parse, const std::uint8_t* bytes, std::size_t size) {
    static JsonScratch scratch;
    const PaddedText text({static_cast<const char*>(static_cast<const void*>(bytes)), size});
    CheckingSink sink;
    const auto counts = parse(text, ParseContext{"fuzzed", Limits{}, scratch}, sink);
    THIMBLE_CHECK(!counts || counts->records == sink.records);
    THIMBLE_CHECK(!counts || counts->quarantined == sink.quarantined);
    return 0;
}

}  // namespace thimble::feeds
