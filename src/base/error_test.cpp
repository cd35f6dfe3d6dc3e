#include "thimble/base/result.hpp"

#include <gtest/gtest.h>

namespace thimble {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) {
        return failure(ErrorKind::Invalid, "test.odd", "odd");
    }
    return value / 2;
}

Result<int> quarter(int value) {
    THIMBLE_TRY(const int once, half(value));
    THIMBLE_TRY(half(once));
    return half(once);
}

TEST(Result, TryPassesValuesOnAndReturnsErrors) {
    EXPECT_EQ(*quarter(8), 2);
    ASSERT_FALSE(quarter(6));
    EXPECT_EQ(quarter(6).error().code, "test.odd");
}

TEST(Error, TextJoinsTheChainAndKeepsTheKind) {
    const Error error =
        because("reading the feed", failure(ErrorKind::Corrupt, "test.bad", "line 3 is no JSON"));

    EXPECT_EQ(error.text(), "reading the feed: line 3 is no JSON");
    EXPECT_EQ(error.kind, ErrorKind::Corrupt);
    EXPECT_EQ(error.code, "test.bad");
}

}  // namespace
}  // namespace thimble
