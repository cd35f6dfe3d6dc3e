#pragma once
/// @file Compiles advisories and facts into the bytes of a catalog.

#include "thimble/base/result.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/model/advisory.hpp"
#include "thimble/model/vulnerability.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace thimble::catalog {

/// What was compiled, and what could not be.
struct BuildReport {
    std::uint64_t advisories = 0;
    std::uint64_t withdrawn = 0;
    std::uint64_t vulnerabilities = 0;
    std::uint64_t sections = 0;
    std::uint64_t packages = 0;
    std::uint64_t rows = 0;
    std::uint64_t unreadable_ranges =
        0;  ///< ranges whose versions cannot be ordered: unknown, not fine
    std::vector<std::string> unreadable;  ///< the first 100 of them: "ID PACKAGE: reason"
    std::map<std::string, std::uint64_t>
        without_order;  ///< ecosystem → affected packages that no order can judge
};

/// Collects the records of all feeds, then builds once. Same records in, same bytes out, whatever
/// their order.
class Builder {
public:
    Builder();
    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;
    Builder(Builder&&) = delete;
    Builder& operator=(Builder&&) = delete;
    ~Builder();

    void add(const model::Advisory& advisory);
    void add(const model::VulnerabilityFacts& facts);
    void add(Source source);

    /// The whole file. Call once.
    /// @error Unsupported "catalog.too_large"  an extent would pass 4 GiB
    Result<std::string> build(Instant built_at);
    [[nodiscard]] const BuildReport& report() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace thimble::catalog
