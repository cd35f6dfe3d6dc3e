#include "thimble/calendar/window.hpp"

#include "thimble/calendar/parse_window.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace thimble::calendar {
namespace {

WindowRule patch_tuesday() {
    WindowRule window;
    window.rule = "FREQ=MONTHLY;BYDAY=2TU";
    window.from = *parse_local_day("2026-01-01");
    window.opens = *parse_time_of_day("22:00");
    window.duration = std::chrono::hours(4);
    window.zone = "Europe/Berlin";
    return window;
}

std::string begins(const WindowRule& window, const std::string& from, const std::string& until) {
    std::string text;
    const auto spans = openings(window, *parse_instant(from), *parse_instant(until));
    for (const Span& span : spans.value()) {
        text.append(text.empty() ? "" : " ").append(format_instant(span.begin));
    }
    return text;
}

TEST(Openings, AreTheSecondTuesdaysOfTheMonth) {
    EXPECT_EQ(
        begins(patch_tuesday(), "2026-12-01", "2027-05-01"),
        "2026-12-08T21:00:00Z 2027-01-12T21:00:00Z 2027-02-09T21:00:00Z 2027-03-09T21:00:00Z "
        "2027-04-13T20:00:00Z");
}

TEST(Openings, AreSoManyDaysLaterIntoTheNextMonth) {
    WindowRule window = patch_tuesday();
    window.offset_days = 4;
    EXPECT_EQ(begins(window, "2026-12-01", "2027-01-01"), "2026-12-12T21:00:00Z");
    window.offset_days = 24;
    EXPECT_EQ(begins(window, "2027-01-01", "2027-02-01"), "2027-01-01T21:00:00Z");
    window.offset_days = -10;
    EXPECT_EQ(
        begins(window, "2027-01-01", "2027-02-01"), "2027-01-02T21:00:00Z 2027-01-30T21:00:00Z");
}

TEST(Openings, KeepTheirLengthWhenTheClocksChange) {
    WindowRule window = patch_tuesday();
    window.rule = "FREQ=DAILY";
    window.opens = *parse_time_of_day("02:30");

    const auto forward =
        openings(window, *parse_instant("2027-03-28"), *parse_instant("2027-03-29")).value();
    const auto back =
        openings(window, *parse_instant("2027-10-31"), *parse_instant("2027-11-01")).value();

    ASSERT_EQ(forward.size(), 1U);
    EXPECT_EQ(format_instant(forward[0].begin), "2027-03-28T01:00:00Z");
    EXPECT_EQ(forward[0].end - forward[0].begin, std::chrono::hours(4));
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(format_instant(back[0].begin), "2027-10-31T00:30:00Z");
    EXPECT_EQ(back[0].end - back[0].begin, std::chrono::hours(4));
}

TEST(Openings, HaveOneThatIsOpenAtTheBeginning) {
    EXPECT_EQ(
        begins(patch_tuesday(), "2026-12-09T00:00:00Z", "2026-12-10T00:00:00Z"),
        "2026-12-08T21:00:00Z");
    EXPECT_EQ(begins(patch_tuesday(), "2026-12-09T01:00:00Z", "2026-12-10T00:00:00Z"), "");
}

TEST(Openings, AreOneWhereTheyOverlap) {
    WindowRule window = patch_tuesday();
    window.rule = "FREQ=DAILY";
    window.duration = std::chrono::days(2);

    EXPECT_EQ(
        openings(window, *parse_instant("2027-01-10"), *parse_instant("2027-01-20"))->size(), 1U);
}

TEST(Openings, EndForARuleThatNeverComesTrue) {
    WindowRule window = patch_tuesday();
    window.rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30";

    EXPECT_TRUE(
        openings(window, *parse_instant("2027-01-10"), *parse_instant("2037-01-20"))->empty());
}

TEST(CheckWindow, SaysWhatIsWrong) {
    const auto code_of = [](auto&& alter) {
        WindowRule window = patch_tuesday();
        alter(window);
        const auto checked = check_window(window);
        return checked ? std::string() : checked.error().code;
    };
    EXPECT_EQ(code_of([](WindowRule&) {}), "");
    for (const std::string rule :
         {"",
          "second tuesday",
          "FREQ=HOURLY",
          "FREQ=DAILY;BYHOUR=3",
          "FREQ=MONTHLY;BYDAY=2XX",
          "FREQ=MONTHLY;BYDAY=TU;BYDAY=WE;FREQ=DAILY;;"}) {
        EXPECT_EQ(code_of([&](WindowRule& window) { window.rule = rule; }), "calendar.bad_rule")
            << rule;
    }
    EXPECT_EQ(code_of([](WindowRule& window) { window.offset_days = 32; }), "calendar.bad_window");
    EXPECT_EQ(
        code_of([](WindowRule& window) { window.duration = std::chrono::minutes(1); }),
        "calendar.bad_window");
    EXPECT_EQ(
        code_of([](WindowRule& window) { window.opens = std::chrono::hours(24); }),
        "calendar.bad_window");
    EXPECT_EQ(code_of([](WindowRule& window) { window.zone = "CET+1"; }), "calendar.no_zone");
}

TEST(ParseLength, ReadsWhatPeopleWrite) {
    EXPECT_EQ(*parse_length("30m"), std::chrono::minutes(30));
    EXPECT_EQ(*parse_length("4 h"), std::chrono::hours(4));
    EXPECT_EQ(*parse_length("1d 12h"), std::chrono::hours(36));
    EXPECT_EQ(*parse_length("2 weeks"), std::chrono::days(14));
    EXPECT_EQ(*parse_length("0s"), std::chrono::seconds(0));
    for (const std::string text :
         {"", "4", "h", "-1h", "4x", "1h,2m", "99999999999d", "999999999d"}) {
        EXPECT_FALSE(parse_length(text)) << text;
    }
}

TEST(ParseLength, ReadsBackWhatIsWritten) {
    EXPECT_TRUE(rc::check("there and back", [] {
        const std::chrono::seconds length(*rc::gen::inRange(0, 86'400 * 3660));
        RC_ASSERT(*parse_length(format_length(length)) == length);
    }));
}

TEST(ParseLocalTime, ReadsDaysAndTimes) {
    EXPECT_EQ(
        *parse_local_time("2027-01-31"),
        std::chrono::local_seconds(*parse_local_day("2027-01-31")));
    EXPECT_EQ(
        *parse_local_time("2027-01-31T18:05"),
        *parse_local_day("2027-01-31") + std::chrono::hours(18) + std::chrono::minutes(5));
    for (const std::string text :
         {"",
          "2027-02-30",
          "2027-1-1",
          "2027-01-31 24:00",
          "2027-01-31 18:05Z",
          "2027-01-31x18:05"}) {
        EXPECT_FALSE(parse_local_time(text)) << text;
    }
    for (const std::string text : {"", "7:00", "24:00", "12:60", "12-30", "12:3x"}) {
        EXPECT_FALSE(parse_time_of_day(text)) << text;
    }
}

}  // namespace
}  // namespace thimble::calendar
