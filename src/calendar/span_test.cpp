#include "thimble/calendar/span.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace thimble::calendar {
namespace {

Instant at(std::int64_t seconds) {
    return Instant(std::chrono::seconds(seconds));
}

bool is_in(const std::vector<Span>& spans, Instant instant) {
    return std::ranges::any_of(spans, [&](const Span& span) { return span.has(instant); });
}

TEST(Merged, JoinsWhatTouchesAndDropsWhatIsEmpty) {
    const std::vector<Span> spans = merged(
        {{at(20), at(30)}, {at(0), at(10)}, {at(10), at(15)}, {at(25), at(28)}, {at(40), at(40)}});

    EXPECT_EQ(spans, (std::vector<Span>{{at(0), at(15)}, {at(20), at(30)}}));
}

TEST(Subtracted, LeavesWhatIsBeforeBetweenAndAfter) {
    const std::vector<Span> left =
        subtracted({{at(0), at(100)}}, {{at(90), at(120)}, {at(10), at(20)}, {at(30), at(40)}});

    EXPECT_EQ(left, (std::vector<Span>{{at(0), at(10)}, {at(20), at(30)}, {at(40), at(90)}}));
}

TEST(Subtracted, IsWhatIsInOneAndNotInTheOther) {
    EXPECT_TRUE(rc::check("membership", [] {
        const auto spans_of = [](const std::vector<std::pair<int, int>>& pairs) {
            std::vector<Span> spans;
            for (const auto& [begin, length] : pairs) {
                spans.push_back({at(begin % 50), at(begin % 50 + length % 20)});
            }
            return spans;
        };
        const auto spans = spans_of(*rc::gen::arbitrary<std::vector<std::pair<int, int>>>());
        const auto without = spans_of(*rc::gen::arbitrary<std::vector<std::pair<int, int>>>());

        const std::vector<Span> left = subtracted(spans, without);

        RC_ASSERT(merged(left) == left);
        for (int second = -75; second < 75; ++second) {
            RC_ASSERT(
                is_in(left, at(second))
                == (is_in(spans, at(second)) && !is_in(without, at(second))));
        }
    }));
}

}  // namespace
}  // namespace thimble::calendar
