#include "thimble/base/terminal_lines.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace thimble {
namespace {

TEST(ColumnsOf, TakesWhatMayBeWideForWide) {
    EXPECT_EQ(columns_of(""), 0U);
    EXPECT_EQ(columns_of("abc"), 3U);
    EXPECT_EQ(columns_of("\u00e9"), 1U);
    EXPECT_EQ(columns_of("\u65e5\u672c"), 4U);
}

TEST(WrappedText, BreaksAtBlanksAndKeepsLongWordsWhole) {
    const LineFrame frame{.further = "  ", .columns = 5};

    EXPECT_EQ(wrapped_text("", frame), "\n");
    EXPECT_EQ(wrapped_text("aa bb cc", frame), "aa bb\n  cc\n");
    EXPECT_EQ(wrapped_text("aaaaaaaa bb", frame), "aaaaaaaa\n  bb\n");
}

TEST(WrappedText, CutsALongWordWhereThatIsAskedFor) {
    const LineFrame frame{.first = "- ", .further = "  ", .columns = 6, .long_word = LongWord::Cut};

    EXPECT_EQ(wrapped_text("aaaaaaaa bb", frame), "- aaa~\n  bb\n");
    EXPECT_EQ(wrapped_text("\u65e5\u672c\u65e5", frame), "- \u65e5~\n");
}

TEST(WrappedText, DrivesNoTerminal) {
    EXPECT_EQ(wrapped_text("a\x1b[2Jb\nc", {}), "a?[2Jb?c\n");
}

TEST(WrappedText, LosesNoWordAndKeepsTheWidth) {
    EXPECT_TRUE(rc::check([] {
        const auto words = *rc::gen::container<std::vector<std::string>>(
            rc::gen::element<std::string>("a", "bb", "ccccc", "\u00e9\u00e9", "\u65e5"));
        std::string text;
        for (const std::string& word : words) {
            text += (text.empty() ? "" : " ") + word;
        }

        std::string joined;
        for (const std::string& line : wrapped_lines(text, {.columns = 12})) {
            RC_ASSERT(columns_of(line) <= 12U);
            joined += (joined.empty() ? "" : " ") + line;
        }
        RC_ASSERT(joined == text);
    }));
}

TEST(Narrowed, LeavesLinesThatFitAsTheyAre) {
    const std::string text = "Usage: x\n\n  --a    what\n";
    EXPECT_EQ(narrowed(text, 20), text);
    EXPECT_EQ(narrowed("no newline", 20), "no newline");
    EXPECT_EQ(narrowed("", 20), "");
}

TEST(Narrowed, GoesOnBelowTheSecondColumn) {
    EXPECT_EQ(
        narrowed("  --a    it does one thing\n           and a lot of others\n", 20),
        "  --a    it does one\n"
        "         thing\n"
        "           and a lot\n"
        "    of others\n");
}

TEST(Narrowed, KeepsLongWordsWhole) {
    EXPECT_EQ(narrowed("aaaaaaaaaaaaaaa bb cc", 10), "aaaaaaaaaaaaaaa\n    bb cc");
    EXPECT_EQ(narrowed("aaaaaaaaaaaaaaa", 10), "aaaaaaaaaaaaaaa");
}

}  // namespace
}  // namespace thimble
