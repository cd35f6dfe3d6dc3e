#include "thimble/calendar/zone.hpp"

#include "thimble/calendar/parse_window.hpp"

#include <date/tz.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace thimble::calendar {
namespace {

std::string first_instant(const std::string& zone, const std::string& time) {
    return format_instant(Zone::named(zone)->first_instant_of(*parse_local_time(time)));
}

TEST(Zone, IsNamedAsIanaNamesIt) {
    EXPECT_TRUE(Zone::named("America/New_York"));
    EXPECT_EQ(Zone::named("Berlin").error().code, "calendar.no_zone");
    EXPECT_FALSE(Zone::named(""));
    EXPECT_FALSE(Zone::named("../../etc/passwd"));
    EXPECT_FALSE(Zone::named(std::string("UTC\0x", 5)));
}

TEST(Zone, ReadsTheClockOfThePlace) {
    EXPECT_EQ(first_instant("Europe/Berlin", "2027-01-15 22:00"), "2027-01-15T21:00:00Z");
    EXPECT_EQ(first_instant("Europe/Berlin", "2027-07-15 22:00"), "2027-07-15T20:00:00Z");
    EXPECT_EQ(first_instant("Asia/Kathmandu", "2027-07-15 22:00"), "2027-07-15T16:15:00Z");
}

TEST(Zone, TakesTheInstantAtWhichTheClocksGoForwardForATimeThatTheySkip) {
    EXPECT_EQ(first_instant("Europe/Berlin", "2027-03-28 02:30"), "2027-03-28T01:00:00Z");
    EXPECT_EQ(first_instant("America/New_York", "2027-03-14 02:01"), "2027-03-14T07:00:00Z");
}

TEST(Zone, TakesTheFirstOfATimeThatTheClocksShowTwice) {
    EXPECT_EQ(first_instant("Europe/Berlin", "2027-10-31 02:30"), "2027-10-31T00:30:00Z");
    EXPECT_EQ(first_instant("America/New_York", "2027-11-07 01:30"), "2027-11-07T05:30:00Z");
}

TEST(Zone, SkipsAWholeDayWhereThePlaceDid) {
    // Samoa crossed the date line: it had no 30 December 2011.
    EXPECT_EQ(first_instant("Pacific/Apia", "2011-12-30 12:00"), "2011-12-30T10:00:00Z");
}

TEST(Zone, FindsATimeThatTheClockShowsWheneverThereIsOne) {
    const Zone zone = *Zone::named("Australia/Lord_Howe");
    const auto* clock = date::locate_zone("Australia/Lord_Howe");
    const auto shown_at = [&](Instant instant) {
        return LocalTime(instant.time_since_epoch() + clock->get_info(instant).offset);
    };
    EXPECT_TRUE(rc::check("there and back", [&] {
        const Instant instant(
            std::chrono::seconds(*rc::gen::inRange<std::int64_t>(946'684'800, 4'102'444'800)));

        const LocalTime shown = shown_at(instant);

        RC_ASSERT(shown_at(zone.first_instant_of(shown)) == shown);
        RC_ASSERT(zone.first_instant_of(shown) <= instant);
    }));
}

}  // namespace
}  // namespace thimble::calendar
