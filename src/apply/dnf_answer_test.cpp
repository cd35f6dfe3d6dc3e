#include "thimble/apply/dnf_answer.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

TEST(ParseDnfEnding, ReadsEndingPackageAndReason) {
    const auto report =
        parse_dnf_ending(R"({"ending":"no_space","detail":"full","failed_package":"t-lib"})");

    ASSERT_TRUE(report);
    EXPECT_EQ(report->ending, TransactionEnding::NoSpace);
    EXPECT_EQ(report->detail, "full");
    EXPECT_EQ(report->failed_package, "t-lib");
}

TEST(ParseDnfEnding, RefusesAnEndingItDoesNotKnow) {
    EXPECT_FALSE(parse_dnf_ending(R"({"ending":"fine","detail":"","failed_package":""})"));
    EXPECT_FALSE(parse_dnf_ending(""));
}

}  // namespace
}  // namespace thimble::apply
