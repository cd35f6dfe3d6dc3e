#include "thimble/cli/number_bound.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::cli {
namespace {

struct Taken {
    std::uint64_t number = 0;
    std::string refused;  ///< empty: it was taken
};

Taken taken(const std::string& word) {
    CLI::App app{"", "thimble"};
    Taken taken;
    app.add_option("--settle", taken.number, "")->check(within({.least = 1, .most = 604'800}));
    try {
        app.parse(std::vector<std::string>{word, "--settle"});  // from the last one
    } catch (const CLI::ParseError& error) {
        taken.refused = error.what();
    }
    return taken;
}

TEST(Within, TakesWholeNumbersOfTheBound) {
    for (const std::uint64_t number : {1U, 7U, 604'800U}) {
        EXPECT_EQ(taken(std::to_string(number)).number, number);
    }
}

TEST(Within, RefusesAllElseWithTheBound) {
    for (const char* const wrong :
         {"0",
          "604801",
          "-1",
          "-5",
          "+5",
          "99999999999999999999",
          "18446744073709551615",
          "1.5",
          "0x10",
          "010",
          "1e3",
          "5s",
          "",
          " 5",
          "five"}) {
        const Taken told = taken(wrong);
        EXPECT_TRUE(told.refused.contains("--settle")) << wrong;
        EXPECT_TRUE(told.refused.contains("from 1 to 604800")) << wrong << ": " << told.refused;
    }
}

}  // namespace
}  // namespace thimble::cli
