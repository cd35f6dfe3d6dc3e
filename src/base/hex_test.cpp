#include "thimble/base/hex.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace thimble {
namespace {

TEST(HexOf, WritesEveryByteWithTwoDigits) {
    EXPECT_EQ(hex_of(std::to_array<unsigned char>({0x00, 0x0f, 0xa5, 0xff})), "000fa5ff");
    EXPECT_EQ(hex_of({}), "");
}

TEST(HexOf, WritesTheLastDigitsOfANumber) {
    EXPECT_EQ(hex_of(0x1a, 4), "001a");
    EXPECT_EQ(hex_of(0x12345, 4), "2345");
    EXPECT_EQ(hex_of(0xfedc'ba98'7654'3210, 16), "fedcba9876543210");
}

TEST(IsHex, WantsAllDigitsAndLowerCase) {
    EXPECT_TRUE(is_hex("09af", 4));
    for (const std::string_view text : {"09a", "09af0", "09aF", "09ag", "0x9a", ""}) {
        EXPECT_FALSE(is_hex(text, 4)) << text;
    }
}

}  // namespace
}  // namespace thimble
