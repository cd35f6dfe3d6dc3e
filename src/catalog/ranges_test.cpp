#include "thimble/catalog/ranges.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace thimble::catalog {
namespace {

using Kind = model::RangeEvent::Kind;

PlacedEvent from_start() {
    return {Kind::Introduced, true, 0};
}

TEST(PiecesOf, EndAtTheFixAndTakeEventsInAnyOrder) {
    const std::vector<Piece> pieces = pieces_of({{Kind::Fixed, false, 1}, from_start()});

    EXPECT_EQ(pieces, (std::vector<Piece>{{0, 3, 1}}));
}

TEST(PiecesOf, LastAffectedIsInside) {
    const std::vector<Piece> pieces =
        pieces_of({{Kind::Introduced, false, 0}, {Kind::LastAffected, false, 1}});

    ASSERT_EQ(pieces.size(), 1U);
    EXPECT_TRUE(covers(pieces, 3));   // the version itself
    EXPECT_FALSE(covers(pieces, 4));  // anything above it
    EXPECT_EQ(pieces[0].fix, kNoFix);
}

TEST(PiecesOf, SeveralFixesEndAtTheFirst) {
    const std::vector<Piece> pieces =
        pieces_of({from_start(), {Kind::Fixed, false, 2}, {Kind::Fixed, false, 1}});

    EXPECT_EQ(pieces, (std::vector<Piece>{{0, 3, 1}}));
}

TEST(PiecesOf, IntroducedAgainAfterAFixBeginsANewPiece) {
    const std::vector<Piece> pieces = pieces_of(
        {from_start(),
         {Kind::Fixed, false, 0},
         {Kind::Introduced, false, 1},
         {Kind::Fixed, false, 2}});

    EXPECT_EQ(pieces, (std::vector<Piece>{{0, 1, 0}, {3, 5, 2}}));
}

TEST(PiecesOf, WithoutIntroductionStartAtTheStart) {
    EXPECT_EQ(pieces_of({{Kind::Fixed, false, 0}}), (std::vector<Piece>{{0, 1, 0}}));
    EXPECT_TRUE(pieces_of({}).empty());
}

/// The schema's own reading: walk the events in order and keep whether the version is affected.
bool affected_by_definition(std::vector<PlacedEvent> events, std::uint32_t version) {
    std::sort(events.begin(), events.end(), [](const PlacedEvent& left, const PlacedEvent& right) {
        const auto rank = [](const PlacedEvent& event) {
            const int at = event.from_start ? -1 : static_cast<int>(2 * event.boundary);
            return std::pair{
                at + (event.kind == Kind::LastAffected ? 1 : 0), event.kind == Kind::Introduced};
        };
        return rank(left) < rank(right);
    });
    bool affected = false;
    for (const PlacedEvent& event : events) {
        if (event.kind == Kind::Introduced && (event.from_start || version >= event.boundary)) {
            affected = true;
        } else if (event.kind == Kind::Fixed && version >= event.boundary) {
            affected = false;
        } else if (event.kind == Kind::LastAffected && version > event.boundary) {
            affected = false;
        }
    }
    return affected;
}

TEST(PiecesOf, AgreeWithTheDefinitionForEveryVersion) {
    EXPECT_TRUE(rc::check([] {
        std::vector<PlacedEvent> events{from_start()};
        for (const int code : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 30))) {
            const std::array kinds{Kind::Introduced, Kind::Fixed, Kind::LastAffected};
            events.push_back(
                {kinds[static_cast<std::size_t>(code % 3)],
                 false,
                 static_cast<std::uint32_t>(code / 3)});
        }
        const std::vector<Piece> pieces = pieces_of(events);
        for (std::uint32_t version = 0; version < 12; ++version) {
            RC_ASSERT(covers(pieces, 2 * version + 1) == affected_by_definition(events, version));
        }
    }));
}

}  // namespace
}  // namespace thimble::catalog
