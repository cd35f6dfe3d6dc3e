#include "thimble/base/utf8.hpp"

#include <gtest/gtest.h>

namespace thimble {
namespace {

TEST(Printable, KeepsText) {
    EXPECT_EQ(printable("curl 7.88~\u00e9\u6f22\U0001f41b"), "curl 7.88~\u00e9\u6f22\U0001f41b");
}

TEST(Printable, ReplacesControlsAndInvalidBytes) {
    EXPECT_EQ(printable("a\x1b[2J\n\x7f"), "a?[2J??");
    EXPECT_EQ(printable("\u009b2J"), "?2J");
    EXPECT_EQ(printable("\xff\xc3"), "??");
}

TEST(Printable, ReplacesWhatReordersOrHidesText) {
    for (const char* hidden :
         {"\u200b", "\u200f", "\u2028", "\u202e", "\u2066", "\u206f", "\ufeff"}) {
        EXPECT_EQ(printable(hidden), "?");
    }
    for (const char* shown :
         {"\u200a", "\u2010", "\u2027", "\u202f", "\u205f", "\u2070", "\ufefc"}) {
        EXPECT_EQ(printable(shown), shown);
    }
}

TEST(Printable, StopsAtTheLimit) {
    EXPECT_EQ(printable("abcdef", 3), "abc");
    EXPECT_EQ(printable("ab\u00e9f", 3), "ab\u00e9");
}

TEST(Utf8SequenceLength, KnowsItsBounds) {
    EXPECT_EQ(utf8_sequence_length("\xc3\xa9"), 2U);
    EXPECT_EQ(utf8_sequence_length("\xed\xa0\x80"), 0U);      // a surrogate
    EXPECT_EQ(utf8_sequence_length("\xc0\x80"), 0U);          // overlong
    EXPECT_EQ(utf8_sequence_length("\xf4\x90\x80\x80"), 0U);  // beyond U+10FFFF
    EXPECT_EQ(utf8_sequence_length("\xe2\x82"), 0U);          // cut off
}

}  // namespace
}  // namespace thimble
