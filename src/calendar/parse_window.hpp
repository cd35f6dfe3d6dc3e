#pragma once
/// @file The words by which people name times, days and lengths in policies. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace thimble::calendar {

/// "22:00": 00:00 to 23:59.
/// @error Invalid "calendar.bad_time"
Result<std::chrono::minutes> parse_time_of_day(std::string_view text);
/// "2027-01-07".
/// @error Invalid "calendar.bad_day"
Result<std::chrono::local_days> parse_local_day(std::string_view text);
/// "2027-01-07 18:00" or "2027-01-07T18:00", or the day alone, which is its midnight.
/// @error Invalid "calendar.bad_time"
Result<std::chrono::local_seconds> parse_local_time(std::string_view text);
/// "30 m", "4h", "2 days", "1d 12h"; at most ten years.
/// @error Invalid "calendar.bad_length"
Result<std::chrono::seconds> parse_length(std::string_view text);

/// The shortest text that parse_length reads back: "1d 12h", "0s".
std::string format_length(std::chrono::seconds length);

}  // namespace thimble::calendar
