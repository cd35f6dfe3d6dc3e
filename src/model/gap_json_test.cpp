#include "thimble/model/gap_json.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble::model {
namespace {

TEST(GapsJson, WritesEachInItsOrderAndWhatNothingHelpsAgainst) {
    const std::vector<Gap> gaps{
        {"a.old", "is \"old\"", "apt-get update"}, {"b.none", "is none", ""}};

    EXPECT_EQ(
        gaps_json(gaps),
        R"([{"code":"a.old","detail":"is \"old\"","next":"apt-get update"},)"
        R"({"code":"b.none","detail":"is none","next":null}])");
    EXPECT_EQ(gaps_json({}), "[]");
}

}  // namespace
}  // namespace thimble::model
