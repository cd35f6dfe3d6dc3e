#include "thimble/cli/cvss_command.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace thimble::cli {
namespace {

TEST(RunCvss, AnswersEachLine) {
    std::istringstream in(
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\r\n"
        "\n"
        "AV:L/AC:H/Au:M/C:N/I:N/A:N\n"
        "CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N\n"
        "CVSS:9/\x1b[2J\n"
        "E:\x1b[2J");
    std::ostringstream out;

    EXPECT_EQ(run_cvss(in, out), 1);  // some were no vectors

    EXPECT_EQ(
        out.str(),
        "9.8\tCritical\n"
        "invalid: empty\n"
        "0.0\tLow\n"
        "0.0\tNone\n"
        "invalid: unknown version prefix\n"
        "invalid: metric E has no value '?[2J'\n");
}

TEST(RunCvss, TellsThatEveryLineWasAVector) {
    std::istringstream in("AV:L/AC:H/Au:M/C:N/I:N/A:N\n");
    std::ostringstream out;

    EXPECT_EQ(run_cvss(in, out), 0);
}

}  // namespace
}  // namespace thimble::cli
