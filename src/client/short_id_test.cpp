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

TEST(NamesDigest, WantsAllOfItOrTwelveCharacters) {
    const std::string digest = "0123456789abcdef";
    EXPECT_TRUE(*names_digest(digest, digest));
    EXPECT_TRUE(*names_digest("0123456789ab", digest));
    EXPECT_FALSE(*names_digest("0123456789ac", digest));
    EXPECT_FALSE(*names_digest("0123456789abcdef0", digest));
    for (const char* little : {"", "01", "0123456789a", "f"}) {
        EXPECT_EQ(names_digest(little, digest).error().code, "client.short_digest") << little;
    }
    EXPECT_TRUE(*names_digest("ab", "ab")) << "it is all of it";
}

}  // namespace thimble::client
