#include "thimble/server/leadership.hpp"

namespace thimble::server {

bool holds_lead(const store::ServerLead& kept, const std::string& server, Instant now) {
    return kept.holder == server && now < kept.until;
}

std::optional<store::ServerLead> next_lead(
    const store::ServerLead& kept, const store::ServerLead& asking, Instant now) {
    if (now < kept.until && kept.holder != asking.holder) {
        return std::nullopt;
    }
    store::ServerLead next = asking;
    next.until = now + kLead;
    return next;
}

bool Leadership::leads(Ticks now) const {
    return asked_at_ && now - *asked_at_ < kLead - kLeadMargin;
}

bool Leadership::is_to_ask(
    Ticks now,
    const store::ServerLead& kept,
    const std::string& server,
    Instant database_now) const {
    if (asked_at_ && leads(now)) {
        return now - *asked_at_ >= kLeadRenewal;
    }
    return kept.holder == server || database_now >= kept.until;
}

}  // namespace thimble::server
