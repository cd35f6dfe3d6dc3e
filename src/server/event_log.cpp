#include "thimble/server/event_log.hpp"

#include "thimble/base/json_writer.hpp"

namespace thimble::server {

namespace {
constexpr std::size_t kMaxEvents = 2000;
}  // namespace

void EventLog::add(const store::AuditEntry& entry) {
    std::string data;
    JsonWriter json(data);
    json.open_object();
    json.member("at", format_instant(entry.at));
    json.member("actor", entry.change.actor);
    json.member("action", entry.change.action);
    json.member("subject", entry.change.subject);
    json.close_object();
    std::string text = "id: " + std::to_string(entry.sequence) + "\nevent: change\ndata: ";
    text.append(data).append("\n\n");
    events_.push_back({entry.sequence, std::move(text)});
    head_ = entry.sequence;
    if (events_.size() > kMaxEvents) {
        events_.pop_front();
    }
}

std::string EventLog::stream_after(std::int64_t number) const {
    std::string text;
    if (number >= head_) {
        return text;
    }
    if (events_.empty() || events_.front().number > number + 1) {
        const std::int64_t resumed = events_.empty() ? head_ : events_.front().number - 1;
        text = "id: " + std::to_string(resumed) + "\nevent: gap\ndata: {}\n\n";
    }
    for (const Event& event : events_) {
        if (event.number > number) {
            text += event.text;
        }
    }
    return text;
}

}  // namespace thimble::server
