#include "thimble/protocol/base64url.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace {

using thimble::protocol::format_base64url;
using thimble::protocol::parse_base64url;

// RFC 4648, section 10, without padding.
TEST(Base64url, IsThatOfTheStandard) {
    EXPECT_EQ(format_base64url(""), "");
    EXPECT_EQ(format_base64url("f"), "Zg");
    EXPECT_EQ(format_base64url("fo"), "Zm8");
    EXPECT_EQ(format_base64url("foo"), "Zm9v");
    EXPECT_EQ(format_base64url("foob"), "Zm9vYg");
    EXPECT_EQ(format_base64url("\xfb\xff"), "-_8");
}

TEST(Base64url, ParseOfFormatIsIdentity) {
    EXPECT_TRUE(rc::check([](const std::string& bytes) {
        const auto parsed = parse_base64url(format_base64url(bytes));
        RC_ASSERT(parsed.has_value());
        RC_ASSERT(*parsed == bytes);
    }));
}

TEST(Base64url, RefusesOtherTextsForTheSameBytes) {
    for (const char* text : {"Zh", "Zg==", "Z", "Zm9vY", "Z g", "Zm+", "Zm/"}) {
        EXPECT_FALSE(parse_base64url(text).has_value()) << text;
    }
}

}  // namespace
