#include "thimble/server/sightings.hpp"

#include <fmt/format.h>

#include <array>

namespace thimble::server {

Result<void> write_sightings(Context& context) {
    const PendingSightings pending =
        context.roster.with([](Roster& roster) { return roster.take_pending(); });
    if (pending.sightings.empty() && pending.inventories.empty()) {
        return {};
    }
    auto written = context.database.transact([&](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(store::note_sightings(connection, pending.sightings));
        for (const auto& [host_id, digest] : pending.inventories) {
            THIMBLE_TRY(store::set_inventory(connection, host_id, digest));
        }
        return {};
    });
    if (!written) {
        context.roster.with([&](Roster& roster) { roster.give_back(pending); });
    } else if (!pending.inventories.empty()) {
        context.documents_changed();
    }
    return written;
}

std::string http_date(Instant instant) {
    static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(instant - day);
    return fmt::format(
        "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
        kDays.at(std::chrono::weekday(day).c_encoding()),
        static_cast<unsigned>(date.day()),
        kMonths.at(static_cast<unsigned>(date.month()) - 1),
        static_cast<int>(date.year()),
        time.hours().count(),
        time.minutes().count(),
        time.seconds().count());
}

}  // namespace thimble::server
