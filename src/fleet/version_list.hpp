#pragma once
/// @file The versions of one list of packages, by number, in two bytes or so for each. Pure.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace thimble::fleet {

/// Ascending numbers, kept as differences of variable length.
class VersionList {
public:
    VersionList() = default;
    /// @param numbers  ascending, each once
    explicit VersionList(std::span<const std::uint32_t> numbers);

    /// O(size), without allocation.
    template <class Take>
    void each(Take take) const {
        std::uint32_t number = 0;
        for (std::size_t at = 0; at < bytes_.size();) {
            std::uint32_t difference = 0;
            for (unsigned shift = 0;; shift += kBits) {
                const auto byte = static_cast<unsigned char>(bytes_[at++]);
                difference |= static_cast<std::uint32_t>(byte & kMask) << shift;
                if (byte <= kMask) {
                    break;
                }
            }
            number += difference;
            take(number);
        }
    }
    [[nodiscard]] std::vector<std::uint32_t> numbers() const;
    [[nodiscard]] std::size_t bytes() const { return bytes_.capacity(); }

private:
    static constexpr unsigned kBits = 7;
    static constexpr unsigned char kMask = 0x7F;
    std::string bytes_;
};

}  // namespace thimble::fleet
