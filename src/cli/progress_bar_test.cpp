#include "thimble/cli/progress_bar.hpp"

#include "thimble/base/terminal_lines.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace thimble::cli {
namespace {

TEST(ProgressBar, IsSilentWhereThereIsNoTerminal) {
    std::ostringstream out;
    {
        ProgressBar bar(out, false);
        bar.show(1, 2);
        bar.show("compiling kev");
    }
    EXPECT_EQ(out.str(), "");
}

TEST(ProgressBar, NamesWhatIsWorkedAtAndLeavesAnEmptyLine) {
    std::ostringstream out;
    {
        ProgressBar bar(out, true);
        bar.show("asking for 10 files");
        bar.show("compiling " + std::string(200, 'x'));
    }
    const std::string text = out.str();
    EXPECT_TRUE(text.starts_with("\r\x1b[Kasking for 10 files\r\x1b[Kcompiling xxx")) << text;
    EXPECT_TRUE(text.ends_with("\r\x1b[K"));
    EXPECT_LT(text.rfind('x') - text.find("compiling"), kTerminalColumns + 4);
}

}  // namespace
}  // namespace thimble::cli
