#include "thimble/client/short_id.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble::client {

using Ids = std::vector<std::string>;

TEST(ShortIdWidth, TellsIdsApart) {
    EXPECT_EQ(short_id_width({}), kShortestId);
    EXPECT_EQ(short_id_width(Ids{"0123456789ab", "1123456789ab"}), kShortestId);
    EXPECT_EQ(short_id_width(Ids{"0123456789ab", "0123456789cd", "x"}), 11U);
    EXPECT_EQ(short_id_width(Ids{"0123456789ab", "0123456789ab"}), kShortestId);
    EXPECT_EQ(short_id_width(Ids{"a", "ab"}), kShortestId);
}

}  // namespace thimble::client
