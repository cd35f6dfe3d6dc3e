#include "thimble/server/catch_up.hpp"

#include "thimble/server/handlers.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>
#include <utility>

namespace thimble::server {
namespace {

using Kind = store::ServerNews::Kind;

/// Who has missed more reads everything.
constexpr std::int64_t kMostChanges = 20'000;
/// Who watches has missed more than is kept anyway.
constexpr std::int64_t kMostEntries = 2000;

/// What some changes tell of.
struct Told {
    std::vector<std::string> documents;  ///< whether or not they are there
    std::set<std::string> inventories;   ///< of hosts that this server does not judge itself
    JobChanges jobs;
    bool has_halt = false;
    bool is_work = false;  ///< for who judges; its own it knows of
};

Told told_by(const Context& context, const std::vector<store::ServerChange>& changes) {
    const bool leads = context.leads();
    Told told;
    for (const store::ServerChange& change : changes) {
        const bool is_own = change.server == context.server_id;
        switch (change.news.kind) {
            case Kind::Host: break;
            case Kind::Inventory:
                if (!leads) {
                    told.inventories.insert(change.news.subject);
                }
                told.is_work |= !is_own;
                break;
            case Kind::Document:
                told.documents.push_back(change.news.subject);
                told.is_work |= !is_own;
                break;
            case Kind::Job: told.jobs.closed.push_back(change.news.subject); break;
            case Kind::Halt: told.has_halt = true; break;
        }
    }
    return told;
}

/// What the database says now of what they tell of.
struct Current {
    std::vector<store::HostRecord> hosts;
    std::vector<std::string> documents;
    std::optional<HaltState> halt;
};

void take(Context& context, const Told& told, const Current& current) {
    context.roster.with([&](Roster& roster) {
        for (const store::HostRecord& host : current.hosts) {
            roster.learn(host);
        }
        for (const std::string& digest : told.documents) {
            roster.forget_document(digest);
        }
        for (const std::string& digest : current.documents) {
            roster.add_document(digest);
        }
        roster.take_changes(told.jobs);
        if (current.halt) {
            roster.set_halt(*current.halt);
        }
    });
    context.fleet.with([&](IndexedFleet& fleet) {
        for (const store::HostRecord& host : current.hosts) {
            if (host.revoked_at != Instant{}) {
                fleet.revoke(host.id);
            }
        }
    });
    context.heard.with([&](Heard& heard) {
        heard.to_index.insert(told.inventories.begin(), told.inventories.end());
    });
}

Result<void> hear_changes(
    Context& context, store::Connection& connection, std::int64_t until, Instant now) {
    const std::int64_t last =
        context.heard.with([](const Heard& heard) { return heard.last_change; });
    if (until == last) {
        return {};
    }
    if (until < last || until - last > kMostChanges) {
        return read_memory(context, connection, now);
    }
    THIMBLE_TRY(const auto changes, store::server_changes(connection, last, until));
    if (std::cmp_not_equal(changes.size(), until - last)) {
        return read_memory(context, connection, now);  // some were forgotten meanwhile
    }
    Told told = told_by(context, changes);
    Current current;
    THIMBLE_TRY(current.hosts, store::changed_hosts(connection, last, until));
    THIMBLE_TRY(told.jobs.made, store::changed_jobs_that_wait(connection, last, until, now));
    if (!told.documents.empty()) {
        THIMBLE_TRY(current.documents, store::changed_documents(connection, last, until));
    }
    if (told.has_halt) {
        THIMBLE_TRY(const std::string content, store::setting(connection, kHaltSetting));
        current.halt = halt_from_setting(content);
    }
    take(context, told, current);
    context.heard.with([&](Heard& heard) { heard.last_change = until; });
    if (told.is_work || !told.inventories.empty()) {
        context.documents_changed();
    }
    return {};
}

Result<void> hear_entries(Context& context, store::Connection& connection, std::int64_t head) {
    const std::int64_t last = context.events.with([](const EventLog& log) { return log.head(); });
    if (head < last || head - last > kMostEntries) {
        context.events.with([&](EventLog& log) { log = EventLog(head); });
        return {};
    }
    THIMBLE_TRY(const auto entries, store::audit_entries(connection, last, head - last));
    context.events.with([&](EventLog& log) {
        for (const store::AuditEntry& entry : entries) {
            log.add(entry);
        }
    });
    return {};
}

}  // namespace

Result<void> read_memory(Context& context, store::Connection& connection, Instant now) {
    // First where the changes end: what is committed meanwhile is read twice, not missed.
    THIMBLE_TRY(const store::ServersState state, store::servers_state(connection));
    THIMBLE_TRY(const auto hosts, store::all_hosts(connection));
    THIMBLE_TRY(const auto documents, store::document_digests(connection));
    THIMBLE_TRY(const auto jobs, store::waiting_jobs(connection, now));
    THIMBLE_TRY(const std::string halt, store::setting(connection, kHaltSetting));
    context.roster.with([&](Roster& roster) {
        for (const store::HostRecord& host : hosts) {
            roster.learn(host);
        }
        roster.set_documents(documents);
        roster.set_jobs(jobs);
        roster.set_halt(halt_from_setting(halt));
    });
    context.events.with([&](EventLog& events) { events = EventLog(state.audit_head); });
    context.heard.with([&](Heard& heard) {
        heard.last_change = state.last_change;
        heard.has_gap = true;
    });
    return {};
}

Result<store::ServersState> catch_up(Context& context, Instant now) {
    bool is_news = false;
    auto state =
        context.database.look([&](store::Connection& connection) -> Result<store::ServersState> {
            THIMBLE_TRY(store::ServersState found, store::servers_state(connection));
            const std::int64_t change =
                context.heard.with([](const Heard& heard) { return heard.last_change; });
            const std::int64_t entry =
                context.events.with([](const EventLog& log) { return log.head(); });
            is_news = change != found.last_change || entry != found.audit_head;
            THIMBLE_TRY(hear_changes(context, connection, found.last_change, now));
            THIMBLE_TRY(hear_entries(context, connection, found.audit_head));
            return found;
        });
    if (is_news) {
        context.wake();
    }
    return state;
}

}  // namespace thimble::server
