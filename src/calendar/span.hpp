#pragma once
/// @file Stretches of time, and what is left of some when others are taken out. Pure.

#include "thimble/base/instant.hpp"

#include <vector>

namespace thimble::calendar {

/// From `begin` on, until before `end`.
struct Span {
    Instant begin;
    Instant end;
    bool operator==(const Span&) const = default;
    [[nodiscard]] bool has(Instant instant) const { return begin <= instant && instant < end; }
};

/// The same stretches of time in ascending order, none touching another, none empty.
std::vector<Span> merged(std::vector<Span> spans);

/// What is in one of `spans` and in none of `without`, merged.
std::vector<Span> subtracted(std::vector<Span> spans, std::vector<Span> without);

}  // namespace thimble::calendar
