#pragma once
/// @file The latest changes, for those who watch: a ring of events, each with its number in the audit
/// log. Pure; guarded by who holds it.

#include "thimble/store/audit_chain.hpp"

#include <cstdint>
#include <deque>
#include <string>

namespace thimble::server {

class EventLog {
public:
    /// @param head  the number of the last entry before this log began
    explicit EventLog(std::int64_t head = 0) : head_(head) {}

    void add(const store::AuditEntry& entry);

    /// The number of the latest event.
    [[nodiscard]] std::int64_t head() const { return head_; }

    /// The events after a number as a stream of text/event-stream; empty when there is none. When some
    /// are no longer kept, an event "gap" comes first: read everything again.
    [[nodiscard]] std::string stream_after(std::int64_t number) const;

private:
    struct Event {
        std::int64_t number = 0;
        std::string text;
    };
    std::int64_t head_;
    std::deque<Event> events_;
};

}  // namespace thimble::server
