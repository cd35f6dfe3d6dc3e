#pragma once
/// @file Maintenance windows: a rule of RFC 5545 in the time of a place, and when it opens.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/calendar/span.hpp"
#include "thimble/calendar/zone.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::calendar {

/// When something is allowed, again and again.
struct WindowRule {
    std::string rule;  ///< RFC 5545 section 3.3.10, by day or rarer: "FREQ=MONTHLY;BYDAY=2TU"
    std::chrono::local_days from;       ///< the first day that the rule looks at
    int offset_days = 0;                ///< added to each day of the rule, -31 to 31
    std::chrono::minutes opens{0};      ///< after midnight, as the clock there shows it
    std::chrono::minutes duration{60};  ///< 5 minutes to 7 days, as time passes
    std::string zone = "UTC";           ///< IANA
    bool operator==(const WindowRule&) const = default;
};

/// Whether a window can be opened by that rule at all.
/// @error Invalid "calendar.bad_rule", "calendar.bad_window", "calendar.no_zone": what is wrong, and with which value
Result<void> check_window(const WindowRule& window);

/// When a window is open between two instants, ascending and merged: one that is open at `from` is there
/// from its own beginning on. The clock decides when it opens: at a time that the clock shows twice, the
/// first time; at one that it never shows, when the clocks go forward. From then on time passes as it does,
/// so that a window of four hours lasts four hours.
/// @return at most 10,000 stretches; none of a rule that check_window refuses
Result<std::vector<Span>> openings(const WindowRule& window, Instant from, Instant until);

}  // namespace thimble::calendar
