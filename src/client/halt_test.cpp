#include "thimble/client/halt.hpp"

#include <gtest/gtest.h>

namespace thimble::client {

TEST(Halt, IsOneLineThatSaysSinceWhenByWhomAndWhy) {
    const auto halt = parse_halt(
        R"({"halted":true,"halt":3,"since":"2026-11-24T12:00:00Z","by":"user:eve","why":"a\u001bb"})");
    ASSERT_TRUE(halt);

    EXPECT_EQ(
        halt_line(*halt),
        "Everything is halted since 2026-11-24T12:00:00Z by user:eve: a?b; no host begins a change "
        "(thimble halt end)");
    EXPECT_EQ(halt_line({}), "");
}

TEST(Halt, IsReadOfAServerThatDoesNotTellWhy) {
    const auto halt = parse_halt(R"({"halted":true,"halt":3})");

    ASSERT_TRUE(halt);
    EXPECT_EQ(halt_line(*halt), "Everything is halted; no host begins a change (thimble halt end)");
    EXPECT_EQ(
        halt_json(*halt),
        R"({"format":"thimble.halt/1","halted":true,"since":null,"by":null,"why":null})");
    EXPECT_EQ(parse_halt("{}").error().code, "client.odd_answer");
    EXPECT_EQ(parse_halt("junk").error().code, "client.odd_answer");
}

}  // namespace thimble::client
