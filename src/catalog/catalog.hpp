#pragma once
/// @file The compiled catalog, read in place: which versions of which packages which vulnerabilities
/// concern, and what the world knows of each. Format: docs/formats/catalog.md.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/catalog/format.hpp"
#include "thimble/model/advisory.hpp"
#include "thimble/model/version_order.hpp"
#include "thimble/model/vulnerability.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::catalog {

/// A feed that went into the catalog.
struct Source {
    std::string feed;
    Instant as_of;                            ///< date of its data; the epoch when it has none
    std::chrono::seconds staleness_budget{};  ///< how old the data may be
    std::uint64_t records = 0;
    std::uint64_t quarantined = 0;
    Instant checked_at;  ///< when the source was last asked and had nothing newer; the epoch: never
    std::chrono::seconds check_budget{};  ///< how long ago that may be; 0: does not matter
    bool undated = false;  ///< as_of is when a copy was written or fetched: the data can be older
    bool operator==(const Source&) const = default;
};

/// Why the data of a source cannot be relied on at an instant; empty when it can.
std::string staleness(const Source& source, Instant now);

/// A view of one extent's strings. Reads outside the pool give "", never a crash.
class StringPool {
public:
    StringPool() = default;
    explicit StringPool(std::span<const std::byte> bytes) : bytes_(bytes) {}
    [[nodiscard]] std::string_view at(std::uint32_t offset) const;

private:
    std::span<const std::byte> bytes_;
};

/// The facts of one extent: vulnerabilities sorted by id.
class FactTable {
public:
    FactTable() = default;
    FactTable(
        std::span<const format::Fact> facts,
        std::span<const format::Exploit> exploits,
        StringPool strings)
        : facts_(facts), exploits_(exploits), strings_(strings) {}

    [[nodiscard]] std::span<const format::Fact> facts() const { return facts_; }
    [[nodiscard]] std::string_view id(const format::Fact& fact) const {
        return strings_.at(fact.id);
    }
    [[nodiscard]] std::string_view text(std::uint32_t offset) const { return strings_.at(offset); }
    [[nodiscard]] std::span<const format::Exploit> exploits(const format::Fact& fact) const;
    /// nullptr when the vulnerability is not in this table. O(log n).
    [[nodiscard]] const format::Fact* find(std::string_view id) const;

private:
    std::span<const format::Fact> facts_;
    std::span<const format::Exploit> exploits_;
    StringPool strings_;
};

/// One package of one section.
class PackageView {
public:
    PackageView(
        const model::VersionOrder& order,
        StringPool strings,
        std::span<const std::uint32_t> boundaries,
        std::span<const format::Row> rows)
        : order_(&order), strings_(strings), boundaries_(boundaries), rows_(rows) {}

    /// Where `version` stands among the boundaries: 0 below all, 2i+1 equal to number i, 2i+2 above
    /// number i and below the next. `version` must have passed the order's check. O(log n) compares.
    [[nodiscard]] std::uint32_t position(std::string_view version) const;
    /// Sorted by (fact, superseded last).
    [[nodiscard]] std::span<const format::Row> rows() const { return rows_; }
    /// The fixed version of a row; empty when it names none.
    [[nodiscard]] std::string_view fix(const format::Row& row) const;
    /// The versions that rows name, in their order: how many, and number `i` of them.
    [[nodiscard]] std::size_t boundaries() const { return boundaries_.size(); }
    [[nodiscard]] std::string_view boundary(std::size_t i) const {
        return strings_.at(boundaries_[i]);
    }

private:
    const model::VersionOrder* order_;
    StringPool strings_;
    std::span<const std::uint32_t> boundaries_;
    std::span<const format::Row> rows_;
};

/// All packages of one ecosystem release. Valid as long as its catalog.
class Section {
public:
    [[nodiscard]] const model::VersionOrder& order() const { return *order_; }
    [[nodiscard]] const FactTable& facts() const { return facts_; }
    /// The package of that name, already folded as the ecosystem folds names; O(1), two cache misses.
    [[nodiscard]] std::optional<PackageView> find(std::string_view folded_name) const;
    /// How many packages there are, and the name of number `i` of them.
    [[nodiscard]] std::size_t packages() const { return packages_.size(); }
    [[nodiscard]] std::string_view package_name(std::size_t i) const {
        return strings_.at(packages_[i].name);
    }
    [[nodiscard]] const format::AdvisoryRecord* advisory(std::uint32_t index) const;
    [[nodiscard]] const format::Fact* fact(std::uint32_t index) const;
    [[nodiscard]] std::string_view text(std::uint32_t offset) const { return strings_.at(offset); }

private:
    friend class Catalog;
    const model::VersionOrder* order_ = nullptr;
    std::uint32_t slot_mask_ = 0;
    StringPool strings_;
    std::span<const format::Slot> slots_;
    std::span<const format::Package> packages_;
    std::span<const std::uint32_t> boundaries_;
    std::span<const format::Row> rows_;
    std::span<const format::AdvisoryRecord> advisories_;
    FactTable facts_;
};

/// An open catalog. The mapping outlives a replacement of the file: readers are undisturbed.
class Catalog {
public:
    /// Maps `path` and checks header, size and directory; extents are checked when first opened.
    /// @error NotFound "catalog.missing"; Denied "catalog.unreadable"; Corrupt "catalog.no_catalog": it never was one;
    ///        Corrupt "catalog.corrupt"; Unsupported "catalog.version"
    static Result<Catalog> open(const std::string& path);
    /// The same over bytes in memory (for tests and the fuzzer); `bytes` must outlive the catalog and
    /// be aligned to 8.
    static Result<Catalog> over(std::span<const std::byte> bytes);

    Catalog(Catalog&&) noexcept;
    Catalog& operator=(Catalog&&) noexcept;
    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;
    ~Catalog();

    [[nodiscard]] Instant built_at() const;
    /// The same for the same bytes: over the checksums of all parts.
    [[nodiscard]] std::uint64_t identity() const { return header_.header_checksum; }
    [[nodiscard]] Result<std::vector<Source>> sources() const;
    /// Keys of all sections, sorted.
    [[nodiscard]] std::vector<std::string> section_keys() const;
    /// @return no value when the catalog has nothing for `key`
    /// @error Corrupt "catalog.corrupt"  checksum or bounds are wrong
    [[nodiscard]] Result<std::optional<Section>> section(std::string_view key) const;
    /// The summaries of a section, for Fact::summary and AdvisoryRecord::summary.
    [[nodiscard]] Result<StringPool> section_text(std::string_view key) const;
    /// The facts of every vulnerability of that year, also of those that no section names.
    [[nodiscard]] Result<FactTable> facts_of(std::string_view vulnerability) const;

private:
    Catalog() = default;
    class Mapping;
    [[nodiscard]] Result<std::span<const std::byte>> extent(
        format::ExtentKind kind, std::string_view key, bool& found) const;

    std::unique_ptr<Mapping> mapping_;
    std::span<const std::byte> bytes_;
    format::Header header_{};
    std::span<const format::Extent> directory_;
    /// Which extents have been checked; atomic, so that readers in several threads may share a catalog.
    mutable std::vector<std::atomic<bool>> checked_;
};

/// The facts extent that a vulnerability id belongs to: the year of a CVE id, "" for others.
std::string_view facts_key(std::string_view vulnerability);

/// Hash of a package name as the slots use it.
std::uint64_t name_hash(std::string_view folded_name);

}  // namespace thimble::catalog
