#pragma once
/// @file A set of hosts, by number: a Roaring bitmap. Pure.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): the name that the library gives it
struct roaring_bitmap_s;

namespace thimble::fleet {

/// The number of a host within one index: dense, from 0. Hosts that are alike have numbers next to each
/// other where memory and time matter: a run of numbers is one entry of a set.
enum class HostNumber : std::uint32_t {};

/// Empty sets own nothing. Costs are per container, of which there is one for each 65,536 numbers.
class HostSet {
public:
    HostSet() = default;
    /// @param numbers  in any order
    static HostSet of(std::span<const HostNumber> numbers);
    /// O(sum of the containers); sets may be empty.
    static HostSet union_of(std::span<const HostSet* const> sets);

    void add(HostNumber host);
    void add_all(const HostSet& hosts);
    void remove(HostNumber host);

    [[nodiscard]] bool contains(HostNumber host) const;
    [[nodiscard]] bool is_empty() const;
    [[nodiscard]] std::uint64_t size() const;
    /// How many hosts are in both.
    [[nodiscard]] std::uint64_t common_with(const HostSet& other) const;
    /// Ascending. O(size).
    [[nodiscard]] std::vector<HostNumber> numbers() const;

    /// Runs where they are shorter, and no spare memory; after many changes.
    void compact();
    /// Of memory, without the allocator's own.
    [[nodiscard]] std::size_t bytes() const;

    bool operator==(const HostSet& other) const;

private:
    struct Free {
        void operator()(roaring_bitmap_s* bitmap) const;
    };
    explicit HostSet(roaring_bitmap_s* bitmap) : bitmap_(bitmap) {}
    roaring_bitmap_s* mine();

    std::unique_ptr<roaring_bitmap_s, Free> bitmap_;
};

}  // namespace thimble::fleet
