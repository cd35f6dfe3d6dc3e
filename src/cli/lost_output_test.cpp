#include "thimble/cli/lost_output.hpp"

#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace thimble::cli {
namespace {

TEST(LostOutput, IsNothingWhereItIsTaken) {
    std::ostringstream out;
    std::ostringstream err;
    LostOutput lost(out, err);
    lost.keep();
    out << "run 1: applied" << '\n';
    EXPECT_EQ(lost.finish(kNothingDue), kNothingDue);
    EXPECT_EQ(lost.finish(kSomethingDue), kSomethingDue);
    EXPECT_EQ(out.str(), "run 1: applied\n");
    EXPECT_EQ(err.str(), "");
}

TEST(LostOutput, IsSaidAndMakesTheStatus) {
    std::ofstream out("/dev/full");
    std::ostringstream err;
    LostOutput lost(out, err);
    out << "a report\n" << std::flush << "the rest of it\n";
    EXPECT_EQ(lost.finish(kNothingDue), kCannotWrite);
    EXPECT_EQ(err.str(), "thimble: the output could not be written\n");
    EXPECT_EQ(lost.finish(kSomethingDue), kCannotWrite) << "what is due is said in it";
    EXPECT_EQ(lost.finish(kCouldNotTell), kCannotWrite);
    EXPECT_EQ(lost.finish(kUsage), kUsage) << "there was no answer";
}

TEST(LostOutput, OfARunIsToldAndLeavesTheStatusOfWhatIsNotWell) {
    std::ofstream out("/dev/full");
    std::ostringstream err;
    LostOutput lost(out, err);
    lost.keep();
    out << "run 1: rolled back\n" << std::flush << "  why" << '\n';
    EXPECT_EQ(lost.finish(kSomethingDue), kSomethingDue);
    EXPECT_EQ(
        err.str(),
        "thimble: the output could not be written; it was:\nrun 1: rolled back\n  why\n");
}

TEST(LostOutput, LeavesTheStreamAsItWas) {
    std::ostringstream out;
    std::ostringstream err;
    { const LostOutput lost(out, err); }
    out << "x";
    EXPECT_EQ(out.str(), "x");
}

}  // namespace
}  // namespace thimble::cli
