#include "thimble/calendar/window.hpp"

#include <libical/ical.h>

#include <memory>
#include <optional>
#include <utility>

namespace thimble::calendar {
namespace {

constexpr int kMostOffsetDays = 31;
constexpr std::chrono::minutes kShortest{5};
constexpr std::chrono::days kLongest{7};
constexpr std::chrono::hours kDay{24};
constexpr std::size_t kMostRuleBytes = 500;
constexpr std::size_t kMostOpenings = 10'000;
/// A rule that never comes true, such as the 30th of February, ends here.
constexpr int kMostSteps = 100'000;

struct FreeIterator {
    void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};
using Iterator = std::unique_ptr<icalrecur_iterator, FreeIterator>;

icaltimetype ical_day(std::chrono::local_days day) {
    const std::chrono::year_month_day date(day);
    icaltimetype time = icaltime_null_time();
    time.year = static_cast<int>(date.year());
    time.month = static_cast<int>(static_cast<unsigned>(date.month()));
    time.day = static_cast<int>(static_cast<unsigned>(date.day()));
    return time;
}

std::chrono::local_days day_of(const icaltimetype& time) {
    return std::chrono::local_days(
        std::chrono::year(time.year) / std::chrono::month(static_cast<unsigned>(time.month))
        / std::chrono::day(static_cast<unsigned>(time.day)));
}

std::optional<icalrecurrencetype> recurrence_of(const std::string& rule) {
    if (rule.empty() || rule.size() > kMostRuleBytes || rule.contains('\0')) {
        return std::nullopt;
    }
    icalerror_clear_errno();
    icalrecurrencetype recurrence = icalrecurrencetype_from_string(rule.c_str());
    const bool is_by_days = recurrence.freq == ICAL_DAILY_RECURRENCE
        || recurrence.freq == ICAL_WEEKLY_RECURRENCE || recurrence.freq == ICAL_MONTHLY_RECURRENCE
        || recurrence.freq == ICAL_YEARLY_RECURRENCE;
    const bool names_hours = recurrence.by_hour[0] != ICAL_RECURRENCE_ARRAY_MAX
        || recurrence.by_minute[0] != ICAL_RECURRENCE_ARRAY_MAX
        || recurrence.by_second[0] != ICAL_RECURRENCE_ARRAY_MAX;
    if (icalerrno != ICAL_NO_ERROR || !is_by_days || names_hours) {
        return std::nullopt;
    }
    return recurrence;
}

Error bad_window(std::string message) {
    return failure(ErrorKind::Invalid, "calendar.bad_window", std::move(message));
}

}  // namespace

Result<void> check_window(const WindowRule& window) {
    if (!recurrence_of(window.rule)) {
        return failure(
            ErrorKind::Invalid,
            "calendar.bad_rule",
            "\"" + window.rule +
                "\" is no rule of RFC 5545 by days, weeks, months or years: write for example "
                "FREQ=MONTHLY;BYDAY=2TU, and the time of day apart");
    }
    if (window.offset_days < -kMostOffsetDays || window.offset_days > kMostOffsetDays) {
        return bad_window("the offset is not -31 to 31 days");
    }
    if (window.opens < std::chrono::minutes(0) || window.opens >= kDay) {
        return bad_window("the time at which it opens is not 00:00 to 23:59");
    }
    if (window.duration < kShortest || window.duration > kLongest) {
        return bad_window("the duration is not 5 minutes to 7 days");
    }
    THIMBLE_TRY(Zone::named(window.zone));
    return {};
}

Result<std::vector<Span>> openings(const WindowRule& window, Instant from, Instant until) {
    THIMBLE_TRY(check_window(window));
    THIMBLE_TRY(const Zone zone, Zone::named(window.zone));
    const auto recurrence = recurrence_of(window.rule);
    const Iterator iterator(
        recurrence ? icalrecur_iterator_new(*recurrence, ical_day(window.from)) : nullptr);
    std::vector<Span> spans;
    if (!iterator) {
        return spans;
    }
    for (int step = 0; step < kMostSteps && spans.size() < kMostOpenings; ++step) {
        const icaltimetype next = icalrecur_iterator_next(iterator.get());
        if (icaltime_is_null_time(next) != 0) {
            break;
        }
        const std::chrono::local_days day = day_of(next) + std::chrono::days(window.offset_days);
        const Instant begin = zone.first_instant_of(day + window.opens);
        if (begin >= until) {
            break;
        }
        if (begin < until && begin + window.duration > from) {
            spans.push_back({begin, begin + window.duration});
        }
    }
    return merged(std::move(spans));
}

}  // namespace thimble::calendar
