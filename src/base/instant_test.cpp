#include "thimble/base/instant.hpp"

#include <gtest/gtest.h>

namespace thimble {
namespace {

TEST(Instant, ReadsDatesAndTimesInEveryZoneForm) {
    EXPECT_EQ(format_instant(*parse_instant("2026-08-21")), "2026-08-21T00:00:00Z");
    EXPECT_EQ(
        format_instant(*parse_instant("2026-08-21T10:20:30.123456Z")), "2026-08-21T10:20:30Z");
    EXPECT_EQ(format_instant(*parse_instant("2026-08-21T10:20:30+0200")), "2026-08-21T08:20:30Z");
    EXPECT_EQ(format_instant(*parse_instant("2026-08-21 10:20:30-05:30")), "2026-08-21T15:50:30Z");
    EXPECT_EQ(format_instant(*parse_instant("0001-01-01T00:00:00Z")), "0001-01-01T00:00:00Z");
}

TEST(Instant, RefusesWhatIsNoDate) {
    for (const char* text :
         {"",
          "2026",
          "2026-13-01",
          "2026-02-30",
          "2026-08-21T25:00:00Z",
          "2026-08-21Tx",
          "soon",
          "2026-08-21T10:20:30Zx"}) {
        EXPECT_FALSE(parse_instant(text)) << text;
    }
}

TEST(Age, IsOneUnitRoundedDown) {
    EXPECT_EQ(format_age(std::chrono::seconds{59}), "59 s");
    EXPECT_EQ(format_age(std::chrono::seconds{3599}), "59 min");
    EXPECT_EQ(format_age(std::chrono::hours{47}), "1 d");
}

}  // namespace
}  // namespace thimble
