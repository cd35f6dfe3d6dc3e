#pragma once
/// @file What feeds read, given to the catalog builder.

#include "thimble/catalog/builder.hpp"
#include "thimble/feeds/sink.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::cli {

/// Passes records on to a builder and keeps the first quarantined ones with their reasons.
class CatalogSink final : public feeds::Sink {
public:
    struct Quarantined {
        std::string record;
        std::string reason;
    };

    explicit CatalogSink(catalog::Builder& builder) : builder_(builder) {}

    void advisory(model::Advisory advisory) override { builder_.add(advisory); }
    void facts(model::VulnerabilityFacts facts) override { builder_.add(facts); }
    void quarantine(std::string_view record, std::string_view reason) override {
        if (quarantined_.size() < kKept) {
            quarantined_.push_back({std::string(record), std::string(reason)});
        }
    }

    [[nodiscard]] const std::vector<Quarantined>& quarantined() const { return quarantined_; }

private:
    static constexpr std::size_t kKept = 1000;

    catalog::Builder& builder_;
    std::vector<Quarantined> quarantined_;
};

}  // namespace thimble::cli
