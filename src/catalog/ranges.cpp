#include "thimble/catalog/ranges.hpp"

#include <algorithm>
#include <tuple>

namespace thimble::catalog {
namespace {

using Kind = model::RangeEvent::Kind;

/// Where the event acts: an introduction and a fix act at their version, the last affected version
/// just above itself.
std::uint32_t acts_at(const PlacedEvent& event) {
    if (event.from_start) {
        return 0;
    }
    const std::uint32_t at = 2 * event.boundary + 1;
    return event.kind == Kind::LastAffected ? at + 1 : at;
}

Piece piece_until(std::uint32_t low, const PlacedEvent& end) {
    return {low, acts_at(end), end.kind == Kind::Fixed ? end.boundary : kNoFix};
}

}  // namespace

std::vector<Piece> pieces_of(std::vector<PlacedEvent> events) {
    // An introduction at the version of a fix begins the next piece, so fixes go first.
    std::sort(events.begin(), events.end(), [](const PlacedEvent& left, const PlacedEvent& right) {
        return std::tuple{acts_at(left), left.kind == Kind::Introduced}
        < std::tuple{acts_at(right), right.kind == Kind::Introduced};
    });
    std::vector<Piece> pieces;
    const bool introduced = std::any_of(events.begin(), events.end(), [](const PlacedEvent& event) {
        return event.kind == Kind::Introduced;
    });
    bool open = !introduced && !events.empty();
    std::uint32_t low = 0;
    for (const PlacedEvent& event : events) {
        if (event.kind == Kind::Introduced) {
            low = open ? low : acts_at(event);
            open = true;
        } else if (open) {
            pieces.push_back(piece_until(low, event));
            open = false;
        }
    }
    if (open) {
        pieces.push_back({low, kEndOfLine, kNoFix});
    }
    std::erase_if(pieces, [](const Piece& piece) { return piece.high <= piece.low; });
    return pieces;
}

bool covers(std::span<const Piece> pieces, std::uint32_t position) {
    return std::any_of(pieces.begin(), pieces.end(), [position](const Piece& piece) {
        return piece.low <= position && position < piece.high;
    });
}

}  // namespace thimble::catalog
