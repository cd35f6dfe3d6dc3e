#include "thimble/cli/version_order_command.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace thimble::cli {
namespace {

std::string answers_of(std::string_view ecosystem, const std::string& input) {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const int status = run_version_order(ecosystem, in, out, err);
    // The status tells a script what the lines tell one by one.
    EXPECT_EQ(status, out.str().find("invalid: ") == std::string::npos ? 0 : 1);
    EXPECT_EQ(err.str(), "");
    return out.str();
}

TEST(RunVersionOrder, AnswersEachPairOnItsOwnLine) {
    EXPECT_EQ(answers_of("dpkg", "1.0\t1.0-1\n1.0\t1.0-0\n2\t1~\n"), "<\n=\n>\n");
    EXPECT_EQ(answers_of("Alpine:v3.19", "1.0_rc1\t1.0\n"), "<\n");
}

TEST(RunVersionOrder, GoesOnAfterABadLine) {
    EXPECT_EQ(
        answers_of("dpkg", "no tab\n1\t2\t3\n\n1-\t2\n1\t2"),
        "invalid: expected two versions separated by a tab\n"
        "invalid: expected two versions separated by a tab\n"
        "invalid: expected two versions separated by a tab\n"
        "invalid: 1-: revision is empty\n"
        "<\n");
}

TEST(RunVersionOrder, TakesWindowsLineEnds) {
    EXPECT_EQ(answers_of("npm", "1.0.0\t1.0.1\r\n1.0.0\t1.0.0\r"), "<\n=\n");
}

TEST(RunVersionOrder, SkipsALineThatIsTooLong) {
    const std::string longest(65536, '1');
    EXPECT_EQ(answers_of("dpkg", longest + "1\t2\n1\t2\n"), "invalid: line is too long\n<\n");
    EXPECT_EQ(answers_of("dpkg", longest + "1"), "invalid: line is too long\n");
    EXPECT_EQ(
        answers_of("dpkg", longest + "\r\n1\t1\n"),
        "invalid: expected two versions separated by a tab\n=\n");
}

TEST(RunVersionOrder, AnswersNothingToNothing) {
    EXPECT_EQ(answers_of("dpkg", ""), "");
}

TEST(RunVersionOrder, DoesNotEchoControlCharacters) {
    EXPECT_EQ(answers_of("dpkg", "1\x1b[2J\t1\n"), "invalid: 1?[2J: invalid character\n");
}

TEST(RunVersionOrder, RefusesAnUnknownEcosystemAndNamesTheKnownOnes) {
    std::istringstream in("1\t2\n");
    std::ostringstream out;
    std::ostringstream err;

    EXPECT_EQ(run_version_order("cobol", in, out, err), 64);

    EXPECT_EQ(out.str(), "");
    EXPECT_EQ(
        err.str(),
        "thimble: no version order for 'cobol'; known: dpkg, rpm, apk, npm, PyPI, crates.io, "
        "Go\n");
}

}  // namespace
}  // namespace thimble::cli
