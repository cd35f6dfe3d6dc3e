#pragma once
/// @file Chance that is the same for the same seed on every machine.

#include <cstdint>

namespace thimble::sim {

/// @source Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (SplitMix64)
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }
    /// From `least` to `most`, both included.
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least
            + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(most - least + 1));
    }
    /// With a probability of so many in a thousand.
    bool one_in(std::int64_t thousandths) { return between(0, 999) < thousandths; }

private:
    std::uint64_t state_;
};

}  // namespace thimble::sim
