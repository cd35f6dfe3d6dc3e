#include "thimble/client/cell.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::client {
namespace {

TEST(TableLine, PadsCellsAndEndsWithoutBlanks) {
    EXPECT_EQ(
        TableLine().cell("web1", 6).cell("", 4).cell("done", 8).text(), "web1          done\n");
    EXPECT_EQ(TableLine().cell("web1", 6).cell("", 4).text(), "web1\n");
}

TEST(TableLine, GivesALongCellTheRoomOfThoseAfterIt) {
    EXPECT_EQ(TableLine().cell("longer", 4).cell("a", 4).cell("b", 4).text(), "longer  a   b\n");
}

TEST(TableLine, BeginsAFurtherLineWhereACellDoesNotFit) {
    const std::string name(50, 'n');
    const std::string version(40, 'v');

    EXPECT_EQ(
        TableLine().cell(name, 10).cell(version, 10).cell("last", 6).text(),
        name + "\n    " + version + "  last\n");
}

TEST(TableLine, KeepsANameWholeThatIsLongerThanALine) {
    const std::string name(100, 'n');

    EXPECT_EQ(TableLine().cell(name, 10).cell("x", 2).text(), name + "\n    x\n");
}

TEST(TableLine, BreaksProseBesideOrBelowTheCells) {
    const std::string words =
        "some words for people that do not fit beside what stands before them";
    const std::string beside = TableLine().cell("web1", 20).prose(words).text();
    const std::string below = TableLine().cell("web1", 20).cell("x", 30).prose(words).text();

    EXPECT_EQ(
        beside,
        "web1                  some words for people that do not fit beside what stands\n"
        "                      before them\n");
    EXPECT_EQ(below, "web1                  x\n    " + words + "\n");
    EXPECT_EQ(TableLine().cell("web1", 20).prose("").text(), "web1\n");
}

TEST(TableLine, DrivesNoTerminal) {
    const std::string text = TableLine().cell("a\x1b[2J", 2).prose("b\x1b[2J c").text();

    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace thimble::client
