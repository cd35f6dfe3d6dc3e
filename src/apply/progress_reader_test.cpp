#include "thimble/apply/fetched_archives.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {
namespace {

class Heard {
public:
    void take(std::string_view piece) { reader_.take(piece); }
    std::vector<std::string> lines;

private:
    Progress progress_ = [this](std::uint32_t per_mille, std::string_view what) {
        lines.push_back(std::to_string(per_mille) + " " + std::string(what));
    };
    ProgressReader reader_{progress_};
};

TEST(ProgressReader, ReadsLinesInPieces) {
    Heard heard;

    heard.take("10\tone\n2");
    heard.take("0\ttwo\nwords\n2000\tend\n");

    EXPECT_EQ(heard.lines, (std::vector<std::string>{"10 one", "20 two", "1000 end"}));
}

TEST(ProgressReader, LeavesOutALineThatIsTooLongAndHearsTheNext) {
    Heard heard;

    heard.take("10\tone\n20\t");
    for (int piece = 0; piece < 70; ++piece) {
        heard.take(std::string(1024, 'x'));
    }
    heard.take("\n30\tthree\n");
    heard.take("40\t" + std::string(std::size_t{64} << 10, 'x') + "\n50\tfive\n");

    EXPECT_EQ(heard.lines, (std::vector<std::string>{"10 one", "30 three", "50 five"}));
}

}  // namespace
}  // namespace thimble::apply
