#pragma once
/// @file What the handlers of requests work with.

#include "thimble/server/alarm.hpp"
#include "thimble/server/authority.hpp"
#include "thimble/server/event_log.hpp"
#include "thimble/server/exchange.hpp"
#include "thimble/server/indexed_fleet.hpp"
#include "thimble/server/leadership.hpp"
#include "thimble/server/parsed_policies.hpp"
#include "thimble/server/permission.hpp"
#include "thimble/server/repeated_requests.hpp"
#include "thimble/server/roster.hpp"
#include "thimble/server/synced.hpp"
#include "thimble/store/audit_log.hpp"
#include "thimble/store/database.hpp"
#include "thimble/store/servers.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace thimble::server {

/// What was heard of other servers on the same database.
struct Heard {
    std::int64_t last_change = 0;
    bool has_gap = false;  ///< of which hosts have another inventory, not everything was heard
    /// Hosts that have another inventory, which the index of this server does not have yet.
    std::set<std::string> to_index = {};  // NOLINT(readability-redundant-member-init): see Command
};

struct SingleSignOn;

/// One for the whole server. Every member may be used by any thread, but for what `sign_on` says.
struct Context {
    store::Database& database;
    const Authority& authority;
    std::string deployment_key;  ///< public, PEM
    std::string address;         ///< https://NAME:PORT, for links
    Synced<Roster> roster;
    Synced<EventLog> events;
    Synced<RepeatedRequests> repeated;
    Alarm wake;               ///< wakes those who wait for jobs, a halt or events
    Alarm documents_changed;  ///< wakes who judges the hosts
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns else
    Synced<IndexedFleet> fleet{};
    std::string server_id = {};  ///< of this start: other servers on the database have others
    std::string machine = {};    ///< NAME:PORT of this server alone, for people
    Synced<Leadership> leadership{};
    Synced<Heard> heard{};
    Alarm changed_here{};  ///< wakes who hears of changes, where there may be other servers
    Alarm hosts_moved{};   ///< wakes who drives the rollouts
    Alarm urgent_found{};  ///< wakes who opens emergencies
    Synced<ParsedPolicies> policies{};
    SingleSignOn* sign_on = nullptr;  ///< none: people sign in by password alone
    // NOLINTEND(readability-redundant-member-init)

    /// Whether this server judges and looks after deployments, as far as it knows. One without others does.
    [[nodiscard]] bool leads() const {
        return !database.is_shared() || leadership.with([](const Leadership& known) {
            return known.leads(std::chrono::steady_clock::now());
        });
    }
};

/// A request on its way to its handler.
struct Call {
    const Request& request;
    const std::vector<std::string>& parameters;
    const Principal* principal = nullptr;  ///< of who is signed in; none at the other doors
    std::string host_id = {};              // NOLINT(readability-redundant-member-init): see Command
    Attempt attempt = Attempt::Last;
};

/// Entries of the audit log within one transaction, and what else is told after it.
class Trail {
public:
    Trail(store::Connection& connection, Instant now) : connection_(connection), now_(now) {}

    Result<void> note(store::AuditChange change) {
        THIMBLE_TRY(
            entries_.emplace_back(), store::append_audit(connection_, std::move(change), now_));
        return {};
    }
    /// The agents' door hears of it in the order of the commits: what is closed stays closed.
    void tell(JobChanges changes) {
        for (const store::Job& job : changes.made) {
            news_.push_back({store::ServerNews::Kind::Job, job.id});
        }
        for (const std::string& id : changes.closed) {
            news_.push_back({store::ServerNews::Kind::Job, id});
        }
        std::ranges::move(changes.made, std::back_inserter(jobs_.made));
        std::ranges::move(changes.closed, std::back_inserter(jobs_.closed));
    }
    /// Other servers read it anew.
    void tell_others(store::ServerNews news) { news_.push_back(std::move(news)); }

    [[nodiscard]] const JobChanges& jobs() const { return jobs_; }
    [[nodiscard]] const std::vector<store::ServerNews>& news() const { return news_; }
    /// When all of it is done.
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] const std::vector<store::AuditEntry>& entries() const { return entries_; }

private:
    store::Connection& connection_;
    Instant now_;
    std::vector<store::AuditEntry> entries_;
    JobChanges jobs_;
    std::vector<store::ServerNews> news_;
};

/// Tells other servers, if there may be any, within the transaction of the change.
inline Result<void> tell_others(
    const Context& context,
    store::Connection& connection,
    const std::vector<store::ServerNews>& news) {
    return context.database.is_shared()
        ? store::add_server_changes(connection, context.server_id, news)
        : Result<void>();
}

/// Runs `work(Connection&, Trail&)` as one transaction; when it is committed, those who watch hear of
/// what it tells. Where there may be other servers, entries of all of them are heard in one order, by
/// `catch_up`.
template <class Work>
auto change(Context& context, Instant now, Work work)
    -> decltype(work(std::declval<store::Connection&>(), std::declval<Trail&>())) {
    std::vector<store::AuditEntry> entries;
    JobChanges jobs;
    auto outcome = context.database.transact(
        [&](store::Connection& connection) -> decltype(work(connection, std::declval<Trail&>())) {
            Trail trail(connection, now);
            auto done = work(connection, trail);
            if (!done) {
                return done;
            }
            THIMBLE_TRY(tell_others(context, connection, trail.news()));
            entries = trail.entries();
            jobs = trail.jobs();
            return done;
        },
        [&] {
            context.roster.with([&](Roster& roster) { roster.take_changes(jobs); });
            if (context.database.is_shared()) {
                return;
            }
            context.events.with([&](EventLog& log) {
                for (const store::AuditEntry& entry : entries) {
                    log.add(entry);
                }
            });
        });
    const bool has_jobs = !jobs.made.empty() || !jobs.closed.empty();
    if (outcome && (has_jobs || !entries.empty())) {
        if (has_jobs || !context.database.is_shared()) {
            context.wake();
        }
        context.changed_here();
    }
    return outcome;
}

}  // namespace thimble::server
