#pragma once
/// @file Points in time as UTC seconds, and their text forms.

#include "thimble/base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace thimble {

using Instant = std::chrono::sys_seconds;
using Days = std::chrono::days;

/// Reads `YYYY-MM-DD` or RFC 3339 (`YYYY-MM-DD[T ]hh:mm[:ss[.fraction]][Z|±hh:mm|±hhmm]`); a missing
/// zone is UTC, fractions are dropped.
/// @error Invalid "base.bad_instant"
Result<Instant> parse_instant(std::string_view text);

/// `2026-08-21T12:00:00Z`.
std::string format_instant(Instant instant);

/// `2026-08-21`.
std::string format_date(Instant instant);

/// `3 d`, `5 h`, `12 min`, `9 s`: one unit, rounded down; for people.
std::string format_age(std::chrono::seconds age);

/// Where the time comes from; the real one lives in host.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    Clock(Clock&&) = delete;
    Clock& operator=(Clock&&) = delete;
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
};

}  // namespace thimble
