#include "thimble/base/faults.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble {
namespace {

Error wrong(ErrorKind kind, const std::string& words) {
    return failure(kind, "x." + words, words);
}

TEST(Faults, AreNoneWhereAllIsWell) {
    Faults faults;

    EXPECT_TRUE(faults.note({}));
    EXPECT_EQ(*faults.value_or(Result<int>(7), 1), 7);
    EXPECT_TRUE(faults.empty());
    EXPECT_TRUE(faults.verdict());
}

TEST(Faults, AreToldTogetherWithTheCodeOfTheFirst) {
    Faults faults;
    EXPECT_TRUE(faults.note(wrong(ErrorKind::NotFound, "host")));
    EXPECT_EQ(faults.verdict().error().text(), "host") << "one stands for itself";
    EXPECT_EQ(*faults.value_or(Result<int>(wrong(ErrorKind::Invalid, "date")), 1), 1);

    const Error told = faults.verdict().error();

    EXPECT_EQ(told.kind, ErrorKind::NotFound);
    EXPECT_EQ(told.code, "x.host");
    EXPECT_EQ(told.text(), "host; date");
}

TEST(Faults, AreNotWhatNobodyWhoAsksCanMend) {
    Faults faults;

    EXPECT_EQ(faults.note(wrong(ErrorKind::Unavailable, "database")).error().code, "x.database");
    EXPECT_FALSE(faults.value_or(Result<int>(wrong(ErrorKind::Internal, "bug")), 1).has_value());
    EXPECT_TRUE(faults.empty());
}

}  // namespace
}  // namespace thimble
