#pragma once
/// @file Turns the events of a range into pieces of the line of versions. Pure.

#include "thimble/model/advisory.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace thimble::catalog {

constexpr std::uint32_t kEndOfLine = 0xFFFFFFFE;  ///< above every position
constexpr std::uint32_t kNoFix = 0xFFFFFFFF;

/// A half-open run of positions that is affected, and the boundary that ends it with a fix.
struct Piece {
    std::uint32_t low = 0;
    std::uint32_t high = kEndOfLine;
    std::uint32_t fix = kNoFix;  ///< boundary index
    bool operator==(const Piece&) const = default;
};

/// An event whose version has become a boundary index; minus infinity for `introduced: 0`.
struct PlacedEvent {
    model::RangeEvent::Kind kind = model::RangeEvent::Kind::Introduced;
    bool from_start = false;
    std::uint32_t boundary = 0;
};

/// The pieces of one range, ascending and disjoint. Events may come in any order; of several fixes
/// after one introduction the first ends the piece; a range without introduction starts at the
/// start of the line.
/// @source OSV schema 1.7, "affected[].ranges[].events", evaluation
std::vector<Piece> pieces_of(std::vector<PlacedEvent> events);

/// Whether `position` lies in one of `pieces`.
bool covers(std::span<const Piece> pieces, std::uint32_t position);

}  // namespace thimble::catalog
