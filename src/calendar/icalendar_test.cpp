#include "thimble/calendar/icalendar.hpp"

#include <gtest/gtest.h>

#include <array>

namespace thimble::calendar {
namespace {

TEST(FormatIcalendar, IsWhatOtherProgramsRead) {
    const std::array entries{CalendarEntry{
        "web.1@thimble",
        "web: window, install",
        "closes; 10 hosts\nBEGIN:VALARM",
        {*parse_instant("2026-12-08T21:00:00Z"), *parse_instant("2026-12-09T01:00:00Z")}}};

    const std::string text = format_icalendar(entries, *parse_instant("2026-12-01T00:00:00Z"));

    EXPECT_TRUE(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")) << text;
    EXPECT_NE(text.find("DTSTART:20261208T210000Z\r\n"), std::string::npos) << text;
    EXPECT_NE(text.find("DTEND:20261209T010000Z\r\n"), std::string::npos);
    EXPECT_NE(text.find("SUMMARY:web: window\\, install\r\n"), std::string::npos);
    EXPECT_EQ(text.find("\nBEGIN:VALARM"), std::string::npos);
    EXPECT_TRUE(text.ends_with("END:VCALENDAR\r\n"));
}

}  // namespace
}  // namespace thimble::calendar
