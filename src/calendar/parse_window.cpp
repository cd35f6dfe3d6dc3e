#include "thimble/calendar/parse_window.hpp"

#include "thimble/base/instant.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace thimble::calendar {
namespace {

struct Unit {
    std::string_view name;
    std::chrono::seconds length;
};
/// The first of each length is the one that is written.
constexpr std::array kUnits{
    Unit{"d", std::chrono::days(1)},
    Unit{"h", std::chrono::hours(1)},
    Unit{"m", std::chrono::minutes(1)},
    Unit{"s", std::chrono::seconds(1)},
    Unit{"w", std::chrono::weeks(1)},
    Unit{"min", std::chrono::minutes(1)},
    Unit{"weeks", std::chrono::weeks(1)},
    Unit{"week", std::chrono::weeks(1)},
    Unit{"days", std::chrono::days(1)},
    Unit{"day", std::chrono::days(1)},
    Unit{"hours", std::chrono::hours(1)},
    Unit{"hour", std::chrono::hours(1)},
    Unit{"minutes", std::chrono::minutes(1)},
    Unit{"minute", std::chrono::minutes(1)},
    Unit{"seconds", std::chrono::seconds(1)},
    Unit{"second", std::chrono::seconds(1)},
};
constexpr std::size_t kWrittenUnits = 4;
constexpr std::chrono::days kLongest{3660};
constexpr std::size_t kDayBytes = 10;
constexpr std::size_t kTimeBytes = 5;
constexpr std::size_t kMinutesAt = 3;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Takes a number of one to nine digits from the front.
bool take_number(std::string_view& text, std::int64_t& number) {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) {
        ++digits;
    }
    if (digits == 0 || digits > 9) {
        return false;
    }
    const std::string front(text.substr(0, digits));
    std::from_chars(front.c_str(), front.c_str() + digits, number);
    text.remove_prefix(digits);
    return true;
}

void skip_spaces(std::string_view& text) {
    while (text.starts_with(' ')) {
        text.remove_prefix(1);
    }
}

const Unit* take_unit(std::string_view& text) {
    std::size_t letters = 0;
    while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') {
        ++letters;
    }
    const std::string_view name = text.substr(0, letters);
    for (const Unit& unit : kUnits) {
        if (unit.name == name) {
            text.remove_prefix(letters);
            return &unit;
        }
    }
    return nullptr;
}

Error bad(std::string code, std::string_view text, std::string what) {
    return failure(
        ErrorKind::Invalid,
        std::move(code),
        "\"" + std::string(text) + "\" is no " + std::move(what));
}

}  // namespace

Result<std::chrono::minutes> parse_time_of_day(std::string_view text) {
    std::string_view rest = text;
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    const bool is_read = text.size() == kTimeBytes && text[kMinutesAt - 1] == ':'
        && take_number(rest, hours) && rest.size() == kMinutesAt
        && (rest.remove_prefix(1), take_number(rest, minutes)) && rest.empty();
    if (!is_read || hours > 23 || minutes > 59) {
        return bad("calendar.bad_time", text, "time of day: write it as 22:00");
    }
    return std::chrono::hours(hours) + std::chrono::minutes(minutes);
}

Result<std::chrono::local_days> parse_local_day(std::string_view text) {
    if (text.size() == kDayBytes) {
        if (const auto day = parse_instant(text)) {
            return std::chrono::local_days(
                std::chrono::floor<std::chrono::days>(day->time_since_epoch()));
        }
    }
    return bad("calendar.bad_day", text, "day: write it as 2027-01-31");
}

Result<std::chrono::local_seconds> parse_local_time(std::string_view text) {
    const auto day = parse_local_day(text.substr(0, kDayBytes));
    if (day && text.size() == kDayBytes) {
        return std::chrono::local_seconds(*day);
    }
    if (day && text.size() == kDayBytes + 1 + kTimeBytes
        && (text[kDayBytes] == 'T' || text[kDayBytes] == ' ')) {
        if (const auto time = parse_time_of_day(text.substr(kDayBytes + 1))) {
            return *day + *time;
        }
    }
    return bad("calendar.bad_time", text, "local time: write it as 2027-01-31 18:00");
}

Result<std::chrono::seconds> parse_length(std::string_view text) {
    std::string_view rest = text;
    std::chrono::seconds whole{0};
    do {
        std::int64_t number = 0;
        const bool has_number = take_number(rest, number);
        skip_spaces(rest);
        const Unit* unit = has_number ? take_unit(rest) : nullptr;
        if (unit == nullptr || number > kLongest / unit->length) {
            return bad("calendar.bad_length", text, "length of time: write it as 30m, 4h or 2d");
        }
        whole += number * unit->length;
        skip_spaces(rest);
    } while (!rest.empty() && whole <= kLongest);
    if (whole > kLongest) {
        return bad("calendar.bad_length", text, "length of time of at most ten years");
    }
    return whole;
}

std::string format_length(std::chrono::seconds length) {
    std::string text;
    for (std::size_t at = 0; at < kWrittenUnits; ++at) {
        const Unit& unit = kUnits.at(at);
        if (const auto number = length / unit.length; number > 0) {
            text.append(text.empty() ? "" : " ").append(std::to_string(number)).append(unit.name);
            length -= number * unit.length;
        }
    }
    return text.empty() ? "0s" : text;
}

}  // namespace thimble::calendar
