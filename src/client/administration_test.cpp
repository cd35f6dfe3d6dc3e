#include "thimble/client/administration.hpp"

#include "thimble/client/api_call.hpp"

#include <gtest/gtest.h>

namespace thimble::client {

TEST(ParseTagWords, ReadsSigns) {
    const auto wish = parse_tag_words({"+web", "env=prod", "-old"});

    ASSERT_TRUE(wish);
    EXPECT_EQ(wish->add_tags, (std::vector<std::string>{"web", "env=prod"}));
    EXPECT_EQ(wish->remove_tags, (std::vector<std::string>{"old"}));
    for (const char* bad : {"--force", "+", "a,b"}) {
        EXPECT_EQ(parse_tag_words({bad}).error().code, "model.bad_tag") << bad;
    }
}

TEST(Encoded, LeavesNothingThatMeansSomethingInAnAddress) {
    EXPECT_EQ(encoded("a/b?c&d=e%\xC3\xA4"), "a%2Fb%3Fc%26d%3De%25%C3%A4");
}

}  // namespace thimble::client
