#include "thimble/rehearse/output_excerpt.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace thimble::rehearse {
namespace {

using Excerpt = std::vector<std::string>;

std::string numbered(std::string_view word, int from, int until) {
    std::string text;
    for (int number = from; number < until; ++number) {
        text += std::string(word) + " " + std::to_string(number) + "\n";
    }
    return text;
}

TEST(OutputExcerpt, IsAllOfAShortOutputWithoutItsBlankLines) {
    EXPECT_EQ(output_excerpt("a\n\n  \nb\n\n", 2), (Excerpt{"a", "b"}));
    EXPECT_EQ(output_excerpt("", 5), Excerpt{});
    EXPECT_EQ(output_excerpt("a\n", 0), Excerpt{});
}

TEST(OutputExcerpt, IsTheLastLinesWithHowManyCameBeforeThem) {
    EXPECT_EQ(
        output_excerpt(numbered("line", 0, 20), 4),
        (Excerpt{"(17 lines left out; --json has all)", "line 17", "line 18", "line 19"}));
    EXPECT_EQ(output_excerpt("a\nb\nc\n", 2), (Excerpt{"(2 lines left out; --json has all)", "c"}));
    EXPECT_EQ(output_excerpt("a\nb\n", 1), Excerpt{"b"});
}

TEST(OutputExcerpt, HasWhatDpkgSaidOfAnEarlierError) {
    const std::string output = numbered("Unpacking", 0, 40)
        + "Setting up web (5) ...\n"
          "web: cannot migrate its database\n"
          "dpkg: error processing package web (--configure):\n"
          " installed web package post-installation script returned error exit status 1\n"
        + numbered("Processing triggers for", 0, 30)
        + "Errors were encountered while processing:\n"
          " web\n"
          "E: Sub-process /usr/bin/dpkg returned an error code (1)\n";

    EXPECT_EQ(
        output_excerpt(output, 10),
        (Excerpt{
            "web: cannot migrate its database",
            "dpkg: error processing package web (--configure):",
            " installed web package post-installation script returned error exit status 1",
            "(68 lines left out; --json has all)",
            "Processing triggers for 27",
            "Processing triggers for 28",
            "Processing triggers for 29",
            "Errors were encountered while processing:",
            " web",
            "E: Sub-process /usr/bin/dpkg returned an error code (1)"}));
}

TEST(OutputExcerpt, HasTheFirstOfManyErrorsAndTheLastLines) {
    std::string output = "E: the first\n" + numbered("line", 0, 5);
    for (int number = 0; number < 100; ++number) {
        output += "error: again\n";
    }
    output += numbered("end", 0, 9);

    const Excerpt excerpt = output_excerpt(output, 10);
    EXPECT_EQ(excerpt.front(), "E: the first");
    EXPECT_EQ(excerpt.size(), 10U);
    EXPECT_EQ(excerpt.back(), "end 8");
}

RC_GTEST_PROP(OutputExcerpt, IsBoundedInOrderAndEndsAsTheOutputDoes, ()) {
    const auto lines = *rc::gen::container<Excerpt>(rc::gen::element<std::string>(
        "dpkg: error processing", "E: broken", " web", "Setting up x", "", "   ", "a", "b"));
    const auto most = *rc::gen::inRange<std::size_t>(0, 20);
    std::string output;
    for (const std::string& line : lines) {
        output += line + "\n";
    }

    const Excerpt excerpt = output_excerpt(output, most);

    RC_ASSERT(excerpt.size() <= most);
    Excerpt told = lines;
    std::erase_if(
        told, [](const std::string& line) { return line.find_first_not_of(' ') > line.size(); });
    if (most > 0 && !told.empty()) {
        RC_ASSERT(!excerpt.empty() && excerpt.back() == told.back());
        RC_ASSERT(excerpt.size() == std::min(told.size(), most));
    }
    // What is shown stands in the output in that order, and what is not is counted.
    auto at = told.begin();
    std::size_t counts = 0;
    for (const std::string& line : excerpt) {
        if (line.ends_with(" left out; --json has all)")) {
            counts += std::stoul(line.substr(1)) + excerpt.size() - 1 == told.size() ? 1 : 2;
            continue;
        }
        at = std::find(at, told.end(), line);
        RC_ASSERT(at != told.end());
        ++at;
    }
    RC_ASSERT(counts == (told.size() > most && most > 1 ? 1U : 0U));
}

}  // namespace
}  // namespace thimble::rehearse
