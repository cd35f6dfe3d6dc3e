#include "thimble/base/terminal_lines.hpp"

#include "thimble/base/shell_word.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

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

TEST(WrappedText, KeepsWhatAShellTakesForOneWord) {
    const LineFrame frame{.columns = 8};

    EXPECT_EQ(wrapped_text("see '/a b c d e' now", frame), "see\n'/a b c d e'\nnow\n");
    EXPECT_EQ(wrapped_text("x 'a'\\''  b' c", frame), "x\n'a'\\''  b'\nc\n");
    EXPECT_EQ(wrapped_text("dpkg's own ' sign", frame), "dpkg's\nown '\nsign\n")
        << "no word begins, or none ends";
    EXPECT_EQ(
        wrapped_text("'a b c d e f'", {.columns = 8, .long_word = LongWord::Cut}),
        "'a b c d\ne f'\n");
}

TEST(Narrowed, KeepsWhatAShellTakesForOneWord) {
    EXPECT_EQ(narrowed("run `x '/a b c' y` now\n", 10), "run `x\n    '/a b c'\n    y` now\n");
    EXPECT_EQ(narrowed("the users' own files\n", 10), "the users'\n    own\n    files\n");
}

/// What shell_word has made of any path stands in one line, and is read back by joining nothing.
TEST(WrappedText, BreaksNoShellWord) {
    EXPECT_TRUE(rc::check([] {
        const auto path = *rc::gen::container<std::string>(rc::gen::element('a', ' ', '\'', '/'));
        const std::string word = shell_word(path);
        const auto lines = wrapped_lines("run it with " + word + " at once", {.columns = 10});
        RC_ASSERT(std::ranges::any_of(
            lines, [&](const std::string& line) { return line.find(word) != std::string::npos; }));
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
