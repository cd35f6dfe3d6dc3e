#include "thimble/base/line_diff.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace thimble {
namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 20;

TEST(LineDiff, ShowsAChangeWithThreeLinesAround) {
    EXPECT_EQ(
        line_diff("a\nb\nc\nd\ne\nf\ng\nh\n", "a\nb\nc\nd\nE\nf\ng\nh\n", kPlenty),
        "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n");
}

TEST(LineDiff, ShowsWhatComesAndWhatGoes) {
    EXPECT_EQ(line_diff("", "a\nb\n", kPlenty), "@@ -0,0 +1,2 @@\n+a\n+b\n");
    EXPECT_EQ(line_diff("a\nb\n", "", kPlenty), "@@ -1,2 +0,0 @@\n-a\n-b\n");
}

TEST(LineDiff, ShowsDistantChangesInHunksOfTheirOwn) {
    std::string before;
    for (int line = 0; line < 30; ++line) {
        before += std::to_string(line) + "\n";
    }
    std::string after = before;
    after.replace(after.find("2\n"), 2, "two\n");
    after.replace(after.find("25\n"), 3, "end\n");

    const std::string diff = line_diff(before, after, kPlenty);

    EXPECT_NE(diff.find("@@ -1,6 +1,6 @@\n"), std::string::npos) << diff;
    EXPECT_NE(diff.find("@@ -23,7 +23,7 @@\n"), std::string::npos) << diff;
}

TEST(LineDiff, IsEmptyForTheSameAndForWhatIsNoText) {
    EXPECT_EQ(line_diff("a\n", "a\n", kPlenty), "");
    EXPECT_EQ(line_diff(std::string("a\0b", 3), "a\n", kPlenty), "");
}

TEST(LineDiff, IsBoundedAndSaysSo) {
    const std::string diff = line_diff("", std::string(1000, '\n'), 100);

    EXPECT_LE(diff.size(), 104U);
    EXPECT_TRUE(diff.ends_with("\n…\n"));
}

TEST(LineDiff, ReplacesTheWholeWhereTooMuchDiffers) {
    std::string before;
    std::string after;
    for (int line = 0; line < 2000; ++line) {
        before += "a" + std::to_string(line) + "\n";
        after += "b" + std::to_string(line) + "\n";
    }

    EXPECT_TRUE(line_diff(before, after, kPlenty).starts_with("@@ -1,2000 +1,2000 @@\n-a0\n"));
}

TEST(LineDiff, DoesNotDriveTheTerminal) {
    EXPECT_EQ(line_diff("", "\x1b[2J\n", kPlenty).find('\x1b'), std::string::npos);
}

/// What the diff says, done to `before`.
std::string patched(const std::string& before, const std::string& diff) {
    const auto lines = [](const std::string& text) {
        std::vector<std::string> parts;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t feed = text.find('\n', at);
            parts.push_back(text.substr(at, feed - at));
            at = feed + 1;
        }
        return parts;
    };
    const auto old_lines = lines(before);
    std::string after;
    std::size_t at = 0;
    for (const std::string& line : lines(diff)) {
        if (line.starts_with("@@")) {
            const std::size_t from = std::stoul(line.substr(4));
            const std::size_t count = std::stoul(line.substr(line.find(',') + 1));
            for (; at < (count == 0 ? from : from - 1); ++at) {
                after += old_lines.at(at) + "\n";
            }
        } else if (line.front() == '+') {
            after += line.substr(1) + "\n";
        } else {
            RC_ASSERT(old_lines.at(at) == line.substr(1));
            after += line.front() == ' ' ? old_lines.at(at) + "\n" : "";
            ++at;
        }
    }
    for (; at < old_lines.size(); ++at) {
        after += old_lines[at] + "\n";
    }
    return after;
}

RC_GTEST_PROP(LineDiff, LeadsFromTheOneToTheOther, ()) {
    const auto text = [] {
        std::string joined;
        for (const char line :
             *rc::gen::container<std::vector<char>>(rc::gen::elementOf(std::string("abcd")))) {
            joined += line;
            joined += '\n';
        }
        return joined;
    };
    const std::string before = text();
    const std::string after = text();

    RC_ASSERT(patched(before, line_diff(before, after, kPlenty)) == after);
}

}  // namespace
}  // namespace thimble
