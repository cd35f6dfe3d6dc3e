#pragma once
/// @file A catalog of as many records as a test draws.

#include "thimble/catalog/advisory_builder_test.hpp"

#include <string>
#include <vector>

namespace thimble::fleet {

class DrawnCatalog {
public:
    DrawnCatalog(
        const std::vector<model::Advisory>& advisories,
        const std::vector<model::VulnerabilityFacts>& facts)
        : text_(build(advisories, facts)),
          bytes_(text_),
          catalog_(*catalog::Catalog::over(bytes_.bytes())) {}
    [[nodiscard]] const catalog::Catalog& operator*() const { return catalog_; }

private:
    static std::string build(
        const std::vector<model::Advisory>& advisories,
        const std::vector<model::VulnerabilityFacts>& facts) {
        catalog::Builder builder;
        for (const model::Advisory& advisory : advisories) {
            builder.add(advisory);
        }
        for (const model::VulnerabilityFacts& one : facts) {
            builder.add(one);
        }
        return *builder.build(*parse_instant("2026-11-01"));
    }

    std::string text_;
    catalog::AlignedBytes bytes_;
    catalog::Catalog catalog_;
};

}  // namespace thimble::fleet
