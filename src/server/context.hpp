#pragma once
/// @file What the handlers of requests work with.

#include "thimble/server/alarm.hpp"
#include "thimble/server/authority.hpp"
#include "thimble/server/event_log.hpp"
#include "thimble/server/exchange.hpp"
#include "thimble/server/indexed_fleet.hpp"
#include "thimble/server/permission.hpp"
#include "thimble/server/repeated_requests.hpp"
#include "thimble/server/roster.hpp"
#include "thimble/server/sign_in_limit.hpp"
#include "thimble/server/synced.hpp"
#include "thimble/store/audit_log.hpp"
#include "thimble/store/database.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <vector>

namespace thimble::server {

/// How often an agent checks in; two that it misses make its host silent.
inline constexpr std::chrono::seconds kCheckInInterval{60};

struct SingleSignOn;

/// One for the whole server. Every member may be used by any thread, but for what `sign_on` says.
struct Context {
    store::Database& database;
    const Authority& authority;
    std::string deployment_key;  ///< public, PEM
    std::string address;         ///< https://NAME:PORT, for links
    Synced<Roster> roster;
    Synced<EventLog> events;
    Synced<SignInLimit> sign_in_limit;
    Synced<RepeatedRequests> repeated;
    Alarm wake;                    ///< wakes those who wait for jobs, a halt or events
    Alarm documents_changed;       ///< wakes who judges the hosts
    Synced<IndexedFleet> fleet{};  // NOLINT(readability-redundant-member-init): g++ warns else
    SingleSignOn* sign_on = nullptr;  ///< none: people sign in by password alone
};

/// A request on its way to its handler.
struct Call {
    const Request& request;
    const std::vector<std::string>& parameters;
    const Principal* principal = nullptr;  ///< of who is signed in; none at the other doors
    std::string host_id = {};              // NOLINT(readability-redundant-member-init): see Command
    bool is_last_try = true;               ///< a long poll must answer now
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
        std::ranges::move(changes.made, std::back_inserter(jobs_.made));
        std::ranges::move(changes.closed, std::back_inserter(jobs_.closed));
    }
    [[nodiscard]] const JobChanges& jobs() const { return jobs_; }
    /// When all of it is done.
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] const std::vector<store::AuditEntry>& entries() const { return entries_; }

private:
    store::Connection& connection_;
    Instant now_;
    std::vector<store::AuditEntry> entries_;
    JobChanges jobs_;
};

/// Runs `work(Connection&, Trail&)` as one transaction; when it is committed, those who watch hear of
/// what it tells.
template <class Work>
auto change(Context& context, Instant now, Work work)
    -> decltype(work(std::declval<store::Connection&>(), std::declval<Trail&>())) {
    std::vector<store::AuditEntry> entries;
    JobChanges jobs;
    auto outcome = context.database.transact(
        [&](store::Connection& connection) {
            Trail trail(connection, now);
            auto done = work(connection, trail);
            entries = trail.entries();
            jobs = trail.jobs();
            return done;
        },
        [&] {
            context.roster.with([&](Roster& roster) { roster.take_changes(jobs); });
            context.events.with([&](EventLog& log) {
                for (const store::AuditEntry& entry : entries) {
                    log.add(entry);
                }
            });
        });
    const bool tells = !entries.empty() || !jobs.made.empty() || !jobs.closed.empty();
    if (outcome && tells) {
        context.wake();
    }
    return outcome;
}

}  // namespace thimble::server
