#include "thimble/calendar/zone.hpp"

#include <date/tz.h>

#include <exception>

namespace thimble::calendar {
namespace {

const date::time_zone& rules_of(const void* rules) {
    return *static_cast<const date::time_zone*>(rules);
}

}  // namespace

Result<Zone> Zone::named(std::string_view name) {
    try {
        return Zone(std::string(name), date::locate_zone(name));
    } catch (const std::exception&) {
        return failure(
            ErrorKind::Invalid,
            "calendar.no_zone",
            "no time zone is called \"" + std::string(name)
                + "\": name one of the IANA database, for example Europe/Berlin or UTC");
    }
}

Instant Zone::first_instant_of(LocalTime time) const {
    const date::local_info info =
        rules_of(rules_).get_info(date::local_seconds(time.time_since_epoch()));
    if (info.result == date::local_info::nonexistent) {
        return info.second.begin;
    }
    return Instant(time.time_since_epoch() - info.first.offset);
}

}  // namespace thimble::calendar
