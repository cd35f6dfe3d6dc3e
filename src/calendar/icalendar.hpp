#pragma once
/// @file Stretches of time as an iCalendar document (RFC 5545), for the calendars of people.

#include "thimble/base/instant.hpp"
#include "thimble/calendar/span.hpp"

#include <span>
#include <string>

namespace thimble::calendar {

/// One entry of a calendar.
struct CalendarEntry {
    std::string id;       ///< the same for the same entry in every export
    std::string summary;  ///< one line
    std::string detail;   ///< may be empty
    Span span;
};

/// An iCalendar document: instants in UTC, so that no time zone needs to be sent along.
/// @param made_at  when it was made: DTSTAMP of every entry
std::string format_icalendar(std::span<const CalendarEntry> entries, Instant made_at);

}  // namespace thimble::calendar
