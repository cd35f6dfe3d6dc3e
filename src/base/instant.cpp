#include "thimble/base/instant.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"

#include <bits/chrono.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace thimble {
namespace {

/// Takes exactly `width` digits off the front of `text`, or -1.
int take_digits(std::string_view& text, std::size_t width) {
    if (text.size() < width) {
        return -1;
    }
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        const char c = text[i];
        if (c < '0' || c > '9') {
            return -1;
        }
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

/// The offset from UTC in minutes; a missing zone is UTC. False when the text is no zone.
bool take_zone(std::string_view& text, int& minutes) {
    minutes = 0;
    if (text.empty() || take(text, 'Z') || take(text, 'z')) {
        return true;
    }
    const bool west = text.front() == '-';
    if (!west && text.front() != '+') {
        return false;
    }
    text.remove_prefix(1);
    const int hour = take_digits(text, 2);
    take(text, ':');
    const int minute = take_digits(text, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
        return false;
    }
    minutes = (west ? -1 : 1) * (hour * 60 + minute);
    return true;
}

bool take_time(std::string_view& text, std::chrono::seconds& since_midnight) {
    const int hour = take_digits(text, 2);
    if (!take(text, ':')) {
        return false;
    }
    const int minute = take_digits(text, 2);
    int second = 0;
    if (take(text, ':')) {
        second = take_digits(text, 2);
        if (take(text, '.')) {
            while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
                text.remove_prefix(1);
            }
        }
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
        return false;
    }
    since_midnight =
        std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
    return true;
}

Error bad_instant(std::string_view text) {
    return failure(
        ErrorKind::Invalid,
        "base.bad_instant",
        "not a date or time: \"" + std::string(text.substr(0, 40)) + "\"");
}

}  // namespace

Result<Instant> parse_instant(std::string_view text) {
    std::string_view rest = text;
    const int year = take_digits(rest, 4);
    const bool dash1 = take(rest, '-');
    const int month = take_digits(rest, 2);
    const bool dash2 = take(rest, '-');
    const int day = take_digits(rest, 2);
    if (year < 0 || !dash1 || !dash2 || month < 0 || day < 0) {
        return bad_instant(text);
    }
    const std::chrono::year_month_day date{
        std::chrono::year{year},
        std::chrono::month{static_cast<unsigned>(month)},
        std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) {
        return bad_instant(text);
    }
    Instant instant = std::chrono::sys_days{date};
    if (rest.empty()) {
        return instant;
    }
    if (!take(rest, 'T') && !take(rest, 't') && !take(rest, ' ')) {
        return bad_instant(text);
    }
    std::chrono::seconds time{};
    int offset = 0;
    if (!take_time(rest, time) || !take_zone(rest, offset) || !rest.empty()) {
        return bad_instant(text);
    }
    return instant + time - std::chrono::minutes{offset};
}

namespace {

/// Writes `value` as exactly `width` digits at `to`, and returns the place behind them.
char* put_digits(char* to, int value, int width) {
    for (int i = width - 1; i >= 0; --i) {
        to[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    return to + width;
}

}  // namespace

std::string format_date(Instant instant) {
    // Written by hand: a scan prints some ten thousand dates.
    const std::chrono::year_month_day date{std::chrono::floor<Days>(instant)};
    std::string out(10, '-');
    char* at = put_digits(out.data(), std::clamp(static_cast<int>(date.year()), 0, 9999), 4);
    at = put_digits(at + 1, static_cast<int>(static_cast<unsigned>(date.month())), 2);
    put_digits(at + 1, static_cast<int>(static_cast<unsigned>(date.day())), 2);
    return out;
}

std::string format_instant(Instant instant) {
    const std::chrono::hh_mm_ss time{instant - std::chrono::floor<Days>(instant)};
    std::string out = format_date(instant) + "T00:00:00Z";
    char* at = out.data() + 11;
    at = put_digits(at, static_cast<int>(time.hours().count()), 2);
    at = put_digits(at + 1, static_cast<int>(time.minutes().count()), 2);
    put_digits(at + 1, static_cast<int>(time.seconds().count()), 2);
    return out;
}

std::string format_age(std::chrono::seconds age) {
    if (age >= Days{1}) {
        return std::to_string(std::chrono::floor<Days>(age).count()) + " d";
    }
    if (age >= std::chrono::hours{1}) {
        return std::to_string(std::chrono::floor<std::chrono::hours>(age).count()) + " h";
    }
    if (age >= std::chrono::minutes{1}) {
        return std::to_string(std::chrono::floor<std::chrono::minutes>(age).count()) + " min";
    }
    return std::to_string(age.count()) + " s";
}

}  // namespace thimble
