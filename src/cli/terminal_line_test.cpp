#include "thimble/cli/terminal_line.hpp"

#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/complain.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace thimble::cli {
namespace {

TEST(TerminalLine, IsNeverGluedToTheTextThatFollows) {
    std::ostringstream terminal;
    draw_line(terminal, "[##  ] 50 %");
    tell(terminal, "a word");
    EXPECT_EQ(terminal.str(), "\r\x1b[K[##  ] 50 %\r\x1b[Kthimble: a word\n");
}

TEST(TerminalLine, GivesWayToLinesThatAreAimed) {
    std::ostringstream terminal;
    AimedLines lines(terminal, {});
    std::ostream err(&lines);
    draw_line(terminal, "[##  ] 50 %");
    err << "applied\n";
    err << "examined\n";
    EXPECT_EQ(terminal.str(), "\r\x1b[K[##  ] 50 %\r\x1b[Kapplied\nexamined\n");
}

TEST(TerminalLine, IsErasedOnce) {
    std::ostringstream terminal;
    erase_line(terminal);
    EXPECT_EQ(terminal.str(), "");
    draw_line(terminal, "x");
    erase_line(terminal);
    erase_line(terminal);
    EXPECT_EQ(terminal.str(), "\r\x1b[Kx\r\x1b[K");
}

}  // namespace
}  // namespace thimble::cli
