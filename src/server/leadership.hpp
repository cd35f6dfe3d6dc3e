#pragma once
/// @file Which of several servers on one database judges: pure. The database has the last word, by its own
/// clock; what a server believes of itself ends earlier, by the clock that only goes forward.

#include "thimble/base/instant.hpp"
#include "thimble/store/servers.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace thimble::server {

/// For so long a server leads that has asked, by the clock of the database.
inline constexpr std::chrono::seconds kLead{15};
/// So much earlier it believes no more that it does: for seconds that are cut off, and for clocks that do not
/// go at the same pace.
inline constexpr std::chrono::seconds kLeadMargin{4};
/// How long after it has asked it asks again.
inline constexpr std::chrono::seconds kLeadRenewal{3};

/// Whether the server leads, at an instant of the database's clock.
bool holds_lead(const store::ServerLead& kept, const std::string& server, Instant now);

/// What the database is to hold when a server asks to lead: nobody else does, or did so long enough ago.
/// @return none: another leads
std::optional<store::ServerLead> next_lead(
    const store::ServerLead& kept, const store::ServerLead& asking, Instant now);

/// What a server knows of its own lead.
class Leadership {
public:
    using Ticks = std::chrono::steady_clock::time_point;

    /// @param asked_at  before the database looked at its clock
    /// @param is_new    another server led before, or this one did not for a while
    void granted(Ticks asked_at, bool is_new) {
        asked_at_ = asked_at;
        terms_ += is_new ? 1 : 0;
    }
    void refused() { asked_at_.reset(); }

    [[nodiscard]] bool leads(Ticks now) const;
    /// How often it began to lead: whether others may have led in between.
    [[nodiscard]] std::int64_t terms() const { return terms_; }

    /// Whether it is time to ask.
    /// @param kept, database_now  as the database had both
    [[nodiscard]] bool is_to_ask(
        Ticks now,
        const store::ServerLead& kept,
        const std::string& server,
        Instant database_now) const;

private:
    std::optional<Ticks> asked_at_;  ///< of the last grant
    std::int64_t terms_ = 0;
};

}  // namespace thimble::server
