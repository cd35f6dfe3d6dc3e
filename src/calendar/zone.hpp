#pragma once
/// @file The time of day at a place, by the IANA time zone database of the system.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace thimble::calendar {

/// What a clock on the wall shows, of whatever zone.
using LocalTime = std::chrono::local_seconds;

/// A zone that the system knows.
class Zone {
public:
    /// @param name  as IANA names it, "Europe/Berlin" or "UTC"
    /// @error Invalid "calendar.no_zone"
    static Result<Zone> named(std::string_view name);

    /// When the clock shows that time: where it shows it twice, the first time; where it never does,
    /// because the clocks go forward then, the instant at which they do.
    [[nodiscard]] Instant first_instant_of(LocalTime time) const;
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    Zone(std::string name, const void* rules) : name_(std::move(name)), rules_(rules) {}
    std::string name_;
    const void* rules_;  // a date::time_zone, which lives as long as the program
};

}  // namespace thimble::calendar
