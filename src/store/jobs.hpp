#pragma once
/// @file Jobs that wait for their hosts, what became of them, and the halt that holds all of them back.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <optional>
#include <string>
#include <vector>

namespace thimble::store {

/// A signed job for one host. What is in the envelope is not the store's business; the members behind
/// `expires_at` say it again for lists.
struct Job {
    std::string id;
    std::string host_id;
    std::string envelope;
    std::string created_by;
    Instant created_at;
    Instant expires_at;
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string kind = {};
    std::string plan_digest = {};
    std::string run = {};
    std::string deployment_id = {};
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const Job&) const = default;
};

/// How a job ended.
struct JobClosing {
    std::string state;  ///< "done", "failed", "refused", "interrupted", "expired", "withdrawn"
    std::int64_t exit_status = 0;
    std::string why;
    std::string document;  ///< digest of what its program printed; empty: nothing came
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    /// What hooks of the host's owner said around it, JSON; empty: none ran.
    std::string hooks = {};
    std::string evidence = {};  ///< digest of what it would have wiped away; empty: nothing came
    std::string evidence_why = {};  ///< why that cannot be read; empty: it can
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const JobClosing&) const = default;
};

Result<void> add_job(Connection& connection, const Job& job);
Result<bool> has_job(Connection& connection, const std::string& id);
/// Jobs that are neither finished nor expired, oldest first.
Result<std::vector<Job>> waiting_jobs(Connection& connection, Instant now);
/// A job of that host, if it waits.
Result<std::optional<Job>> waiting_job(
    Connection& connection, const std::string& id, const std::string& host_id, Instant now);
/// Those of which changes of servers behind `after` up to `until` tell, if they wait.
Result<std::vector<Job>> changed_jobs_that_wait(
    Connection& connection, std::int64_t after, std::int64_t until, Instant now);
/// A job of that host that has not been closed as anything but expired: a late report still counts.
Result<std::optional<Job>> open_job(
    Connection& connection, const std::string& id, const std::string& host_id);
/// A host has begun its job, or says how it goes.
Result<void> note_progress(
    Connection& connection, const std::string& id, const std::string& line, Instant now);
/// A host is at its job: what kept it from beginning does so no more.
Result<void> note_begin(Connection& connection, const std::string& id, Instant now);
/// A host cannot begin its job, and says why: it waits on.
Result<void> note_wait(Connection& connection, const std::string& id, const std::string& line);
/// @return whether it was open, as `open_job` has it
Result<bool> close_job(Connection& connection, const std::string& id, const JobClosing& closing);
/// @return whether it was waiting
Result<bool> finish_job(
    Connection& connection, const std::string& id, const std::string& host_id, Instant now);
/// Since when jobs are overdue.
struct OverdueSince {
    Instant now;
    Instant begun_before;
    Instant verification_before;  ///< of what was changed it is to be heard sooner
};
/// Jobs that nobody took in time, and those that were begun so long ago and never ended.
/// @return at most 1000
Result<std::vector<Job>> overdue_jobs(Connection& connection, const OverdueSince& since);

/// A job that its host is at.
struct BegunJob {
    Job job;
    Instant begun_at;
};
/// Those of hosts that stand in a phase of their deployment, in the order of their ids.
Result<std::vector<BegunJob>> jobs_begun_in(Connection& connection, const std::string& phase);

/// What hooks said around a job.
struct KeptHooks {
    std::string kind;  ///< of the job
    Instant created_at;
    std::string hooks;  ///< JSON
};
/// Those of the jobs of a host in a deployment, in the order in which these were made.
Result<std::vector<KeptHooks>> hooks_of(
    Connection& connection, const std::string& deployment_id, const std::string& host_id);

/// What a transaction would have wiped away, as its host collected it before.
struct KeptEvidence {
    std::string job_id;
    std::string host_id;
    std::string deployment_id;
    std::string digest;
    std::string why;  ///< why it cannot be read; empty: it can
    bool operator==(const KeptEvidence&) const = default;
};
/// That of a job; none: it has none, or there is no such job.
Result<std::optional<KeptEvidence>> evidence_of_job(Connection& connection, const std::string& id);

/// The next number of a job for that host; rises although a backup was restored meanwhile, because it is
/// never below the milliseconds of `now`.
/// @error NotFound "store.no_host"
Result<std::int64_t> next_job_sequence(
    Connection& connection, const std::string& host_id, Instant now);

/// The host may begin: from now on it counts as begun, and what is taken back is not taken back from it.
/// @return false: it was closed or taken back
Result<bool> take_lease(
    Connection& connection, const std::string& id, const std::string& host_id, Instant now);
/// Whether its host was heard to be at it, or has its lease.
Result<bool> has_begun(Connection& connection, const std::string& id);

/// A setting by its name; empty when it was never set.
Result<std::string> setting(Connection& connection, const std::string& name);
Result<void> set_setting(
    Connection& connection, const std::string& name, const std::string& content);

}  // namespace thimble::store
