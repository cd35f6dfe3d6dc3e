#include "thimble/base/told_error.hpp"

#include <gtest/gtest.h>

namespace thimble {
namespace {

TEST(ToldErrorJson, IsARecordOfCodeMessageAndStep) {
    EXPECT_EQ(
        told_error_json({.code = "cli.usage", .message = "no \"x\"", .next = ""}),
        R"({"error":{"code":"cli.usage","message":"no \"x\"","next":null}})");
    EXPECT_EQ(
        told_error_json({.code = "a.b", .message = "m", .next = "thimble scan"}),
        R"({"error":{"code":"a.b","message":"m","next":"thimble scan"}})");
}

TEST(IsToldError, KnowsItFromAnAnswer) {
    EXPECT_TRUE(is_told_error(told_error_json({.code = "a", .message = "", .next = ""}) + "\n"));
    EXPECT_FALSE(is_told_error(R"({"format":"thimble.plan/1","error":null})"));
    EXPECT_FALSE(is_told_error(""));
}

}  // namespace
}  // namespace thimble
