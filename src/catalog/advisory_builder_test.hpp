#pragma once
/// @file Advisories and catalogs in a few words, for tests.

#include "thimble/catalog/builder.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/model/advisory.hpp"

#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::catalog {

/// One advisory, assembled word by word.
class AnAdvisory {
public:
    explicit AnAdvisory(std::string id) {
        advisory_.id = std::move(id);
        advisory_.feed = "test";
        advisory_.vulnerabilities = {advisory_.id};
    }
    AnAdvisory& by(model::Authority authority) {
        advisory_.authority = authority;
        return *this;
    }
    AnAdvisory& about(std::vector<std::string> vulnerabilities) {
        advisory_.vulnerabilities = std::move(vulnerabilities);
        return *this;
    }
    AnAdvisory& withdrawn() {
        advisory_.withdrawn = *parse_instant("2026-01-01");
        return *this;
    }
    AnAdvisory& claims(std::string ecosystem, std::string name, model::Claim claim) {
        advisory_.affected.push_back(
            {std::move(ecosystem), std::move(name), claim, {}, {}, {}, {}});
        return *this;
    }
    /// Affected from `introduced` to before `fixed`; without `fixed`, all above.
    AnAdvisory& affects(
        std::string ecosystem, std::string name, std::string introduced, std::string fixed) {
        claims(std::move(ecosystem), std::move(name), model::Claim::Affected);
        using Kind = model::RangeEvent::Kind;
        model::VersionRange range{{{Kind::Introduced, std::move(introduced)}}};
        if (!fixed.empty()) {
            range.events.push_back({Kind::Fixed, std::move(fixed)});
        }
        advisory_.affected.back().ranges.push_back(std::move(range));
        return *this;
    }
    AnAdvisory& lists(std::vector<std::string> versions) {
        advisory_.affected.back().versions = std::move(versions);
        return *this;
    }
    AnAdvisory& for_architecture(std::string architecture) {
        advisory_.affected.back().architecture = std::move(architecture);
        return *this;
    }
    AnAdvisory& in_module(std::string stream) {
        advisory_.affected.back().module_stream = std::move(stream);
        return *this;
    }
    AnAdvisory& calls_unimportant() {
        advisory_.affected.back().unimportant = true;
        return *this;
    }
    operator model::Advisory() const {
        return advisory_;
    }  // NOLINT(google-explicit-constructor): the point of a builder

private:
    model::Advisory advisory_;
};

/// Bytes aligned as a mapping is.
class AlignedBytes {
public:
    explicit AlignedBytes(const std::string& text)
        : words_((text.size() + 7) / 8), size_(text.size()) {
        std::memcpy(words_.data(), text.data(), text.size());
    }
    [[nodiscard]] std::span<const std::byte> bytes() const {
        return std::as_bytes(std::span<const std::uint64_t>{words_}).first(size_);
    }

private:
    std::vector<std::uint64_t> words_;
    std::size_t size_;
};

/// A catalog in memory, built from advisories and facts.
class ACatalog {
public:
    ACatalog(
        std::initializer_list<model::Advisory> advisories,
        std::initializer_list<model::VulnerabilityFacts> facts = {},
        std::initializer_list<Source> sources = {}) {
        Builder builder;
        for (const model::Advisory& advisory : advisories) {
            builder.add(advisory);
        }
        for (const model::VulnerabilityFacts& one : facts) {
            builder.add(one);
        }
        for (const Source& source : sources) {
            builder.add(source);
        }
        text_ = *builder.build(*parse_instant("2026-11-01"));
        report_ = builder.report();
        bytes_ = std::make_unique<AlignedBytes>(text_);
        catalog_ = std::make_unique<Catalog>(*Catalog::over(bytes_->bytes()));
    }
    [[nodiscard]] const Catalog& operator*() const { return *catalog_; }
    [[nodiscard]] const Catalog* operator->() const { return catalog_.get(); }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const BuildReport& report() const { return report_; }

private:
    std::string text_;
    BuildReport report_;
    std::unique_ptr<AlignedBytes> bytes_;
    std::unique_ptr<Catalog> catalog_;
};

}  // namespace thimble::catalog
