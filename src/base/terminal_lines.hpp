#pragma once
/// @file Text for people, broken into lines of a terminal. Pure.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble {

constexpr std::size_t kTerminalColumns = 80;

/// How many columns a printable text takes, at most: characters of three bytes and more may be wide.
std::size_t columns_of(std::string_view text);

/// What becomes of a word that is longer than a line.
enum class LongWord : std::uint8_t {
    Whole,  ///< the line becomes wider: names and versions are never cut
    Cut,    ///< with '~' at its end
};

/// Where lines begin and end.
struct LineFrame {
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string_view first = {};    ///< before the first line
    std::string_view further = {};  ///< before each one after it
    // NOLINTEND(readability-redundant-member-init)
    std::size_t columns = kTerminalColumns;
    LongWord long_word = LongWord::Whole;
};

/// The words of a text in lines, broken at blanks and safe to show. At least one line. What stands in single quotes, as shell_word has
/// it, is one word: a path that somebody will paste.
std::vector<std::string> wrapped_lines(std::string_view text, const LineFrame& frame);

/// The same, each with its newline.
std::string wrapped_text(std::string_view text, const LineFrame& frame);

/// A code as people say it: "rolled back" for "rolled_back".
std::string spoken(std::string_view code);

/// Lines of a text that is laid out already, those that are too long broken at blanks; what comes after begins below what
/// follows the first two blanks of its line. A word that is longer stays whole, and so does one in quotes. No control character but the newline may be in it.
std::string narrowed(std::string_view text, std::size_t columns = kTerminalColumns);

}  // namespace thimble
