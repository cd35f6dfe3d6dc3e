#include "thimble/server/sightings.hpp"

#include "thimble/store/control_probes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

namespace thimble::server {
namespace {

/// So many of one transaction, since others wait for the rows.
constexpr std::size_t kBatch = 1000;

Result<void> write_inventories(
    Context& context, const std::vector<std::pair<std::string, std::string>>& inventories) {
    return context.database.transact([&](store::Connection& connection) -> Result<void> {
        std::vector<store::ServerNews> news;
        for (const auto& [host_id, digest] : inventories) {
            THIMBLE_TRY(store::set_inventory(connection, host_id, digest));
            news.push_back({store::ServerNews::Kind::Inventory, host_id});
        }
        return tell_others(context, connection, news);
    });
}

/// What was said of another address of a host is no proof any more: its controls are looked after at once. It decides by what
/// it reads, so that it waits for its turn, where there is anything.
Result<void> note_moves(Context& context, std::span<const store::Sighting> batch) {
    std::vector<std::string> hosts;
    hosts.reserve(batch.size());
    std::ranges::transform(batch, std::back_inserter(hosts), &store::Sighting::host_id);
    THIMBLE_TRY(const auto moved, context.database.look([&](store::Connection& connection) {
        return store::hosts_asked_elsewhere(connection, hosts);
    }));
    return moved.empty() ? Result<void>()
                         : context.database.transact([&](store::Connection& connection) {
                               return store::hasten_controls(connection, moved);
                           });
}

/// Leaves what could not be written.
Result<void> write_pending(Context& context, PendingSightings& pending) {
    while (!pending.sightings.empty()) {
        const std::span<const store::Sighting> batch(
            pending.sightings.data(), std::min(kBatch, pending.sightings.size()));
        THIMBLE_TRY(context.database.transact_side_by_side([&](store::Connection& connection) {
            return store::note_sightings(connection, batch);
        }));
        THIMBLE_TRY(note_moves(context, batch));
        pending.sightings.erase(
            pending.sightings.begin(),
            pending.sightings.begin() + static_cast<std::ptrdiff_t>(batch.size()));
    }
    if (!pending.inventories.empty()) {
        THIMBLE_TRY(write_inventories(context, pending.inventories));
        pending.inventories.clear();
        context.documents_changed();
    }
    return {};
}

}  // namespace

Result<void> write_sightings(Context& context) {
    PendingSightings pending =
        context.roster.with([](Roster& roster) { return roster.take_pending(); });
    auto written = write_pending(context, pending);
    if (!written) {
        context.roster.with([&](Roster& roster) { roster.give_back(pending); });
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
