#include "thimble/base/lines.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace thimble {
namespace {

std::vector<std::string_view> all_of(std::string_view text) {
    std::vector<std::string_view> all;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        all.push_back(line);
    }
    return all;
}

TEST(Lines, HandsOutEmptyLinesAndOneWithoutALineFeed) {
    EXPECT_EQ(all_of("a\n\nb"), (std::vector<std::string_view>{"a", "", "b"}));
    EXPECT_EQ(all_of("a\n"), std::vector<std::string_view>{"a"});
    EXPECT_TRUE(all_of("").empty());
}

TEST(Trimmed, LeavesTheBlanksWithin) {
    EXPECT_EQ(trimmed("\t a b\r\n"), "a b");
    EXPECT_EQ(trimmed(" \n"), "");
}

TEST(TakeWord, TakesOneWordAfterTheOther) {
    std::string_view text = "  one\ttwo";

    EXPECT_EQ(take_word(text), "one");
    EXPECT_EQ(take_word(text), "two");
    EXPECT_EQ(take_word(text), "");
}

TEST(SplitFields, LeavesWhatRemainsToTheLast) {
    using Three = std::array<std::string_view, 3>;

    EXPECT_EQ(split_fields<3>("a::b:c", ':'), (Three{"a", "", "b:c"}));
    EXPECT_EQ(split_fields<3>("a:b:", ':'), (Three{"a", "b", ""}));
    EXPECT_EQ(split_fields<3>("a:b", ':'), std::nullopt);
}

TEST(NumberIn, TakesNothingButAWholeNumberThatFits) {
    EXPECT_EQ(number_in<std::uint8_t>("255"), 255);
    EXPECT_EQ(number_in<int>("-1f", 16), -31);
    for (const std::string_view text : {"", "256", "-1", "1 ", " 1", "0x1", "a"}) {
        EXPECT_EQ(number_in<std::uint8_t>(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace thimble
