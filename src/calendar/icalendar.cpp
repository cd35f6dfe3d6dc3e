#include "thimble/calendar/icalendar.hpp"

#include <libical/ical.h>

#include <memory>

namespace thimble::calendar {
namespace {

struct FreeComponent {
    void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};

icaltimetype utc_time(Instant instant) {
    return icaltime_from_timet_with_zone(
        instant.time_since_epoch().count(), 0, icaltimezone_get_utc_timezone());
}

/// libical ends a text at its first NUL and writes other control characters as they are.
std::string plain(const std::string& text) {
    std::string kept;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        kept.push_back(byte < 0x20 || byte == 0x7f ? ' ' : c);
    }
    return kept;
}

icalcomponent* event_of(const CalendarEntry& entry, Instant made_at) {
    icalcomponent* event = icalcomponent_new_vevent();
    icalcomponent_add_property(event, icalproperty_new_uid(plain(entry.id).c_str()));
    icalcomponent_add_property(event, icalproperty_new_dtstamp(utc_time(made_at)));
    icalcomponent_add_property(event, icalproperty_new_dtstart(utc_time(entry.span.begin)));
    icalcomponent_add_property(event, icalproperty_new_dtend(utc_time(entry.span.end)));
    icalcomponent_add_property(event, icalproperty_new_summary(plain(entry.summary).c_str()));
    if (!entry.detail.empty()) {
        icalcomponent_add_property(
            event, icalproperty_new_description(plain(entry.detail).c_str()));
    }
    return event;
}

}  // namespace

std::string format_icalendar(std::span<const CalendarEntry> entries, Instant made_at) {
    const std::unique_ptr<icalcomponent, FreeComponent> calendar(icalcomponent_new_vcalendar());
    icalcomponent_add_property(calendar.get(), icalproperty_new_version("2.0"));
    icalcomponent_add_property(calendar.get(), icalproperty_new_prodid("-//Thimble//Thimble//EN"));
    for (const CalendarEntry& entry : entries) {
        icalcomponent_add_component(calendar.get(), event_of(entry, made_at));
    }
    const std::unique_ptr<char, decltype(&icalmemory_free_buffer)> text(
        icalcomponent_as_ical_string_r(calendar.get()), &icalmemory_free_buffer);
    return text ? text.get() : "";
}

}  // namespace thimble::calendar
