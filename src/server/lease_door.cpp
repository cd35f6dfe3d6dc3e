#include "thimble/base/json_members.hpp"
#include "thimble/protocol/admit_job.hpp"
#include "thimble/protocol/messages.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/server/rollout_plans.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>
#include <utility>

namespace thimble::server {
namespace {

constexpr const char* kAllHalted = "everything is halted";

Error halted(std::string why) {
    return failure(ErrorKind::Conflict, "server.halted", std::move(why));
}

/// Whether a job that waits is the one that is asked about. What it says of itself counts, since that is
/// what the host has checked.
bool is_asked(const store::Job& job, const protocol::LeaseQuestion& question) {
    const auto envelope = protocol::parse_envelope(job.envelope);
    const auto content =
        envelope ? protocol::parse_job(envelope->content) : Result<protocol::Job>(envelope.error());
    return content && content->id == question.job && content->lease == question.lease
        && content->host == job.host_id;
}

/// What the database says of a lease.
struct LeaseWord {
    std::string why_not;   ///< empty: it is granted, and its job counts as begun
    std::string approval;  ///< with a transaction: who signed what it is part of
};

Result<LeaseWord> granted(store::Connection& connection, const store::Job& job, Instant now) {
    THIMBLE_TRY(const bool is_taken, store::take_lease(connection, job.id, job.host_id, now));
    LeaseWord word{is_taken ? "" : "it was taken back", ""};
    if (is_taken && job.kind == protocol::job_kind_name(protocol::JobKind::Apply)) {
        THIMBLE_TRY(word.approval, approval_evidence(connection, job.deployment_id, job.host_id));
    }
    return word;
}

/// The database has the last word: another server may have halted everything, closed the job or revoked
/// the host a moment ago.
Result<LeaseWord> word_about(
    Context& context, const Call& call, const protocol::LeaseQuestion& question) {
    const Instant now = call.request.now;
    return context.database.transact([&](store::Connection& connection) -> Result<LeaseWord> {
        THIMBLE_TRY(const std::string halt, store::setting(connection, kHaltSetting));
        if (halt_from_setting(halt).halted) {
            return LeaseWord{kAllHalted, ""};
        }
        THIMBLE_TRY(const auto host, store::host_of_id(connection, call.host_id));
        std::optional<store::Job> job;
        if (host && host->revoked_at == Instant{}) {
            THIMBLE_TRY(job, store::waiting_job(connection, question.job, call.host_id, now));
        }
        if (!job || !is_asked(*job, question)) {
            return LeaseWord{"no such job waits for this host", ""};
        }
        THIMBLE_TRY(std::string no_turn, why_no_turn(context, connection, *job, now));
        if (!no_turn.empty()) {
            return LeaseWord{std::move(no_turn), ""};
        }
        return granted(connection, *job, now);
    });
}

}  // namespace

Result<Answer> grant_lease(Context& context, const Call& call) {
    const auto question = protocol::parse_lease_question(call.request.body);
    if (!question) {
        return failure(ErrorKind::Invalid, "server.bad_body", question.error().text());
    }
    // A halt is in memory before it is in the database, and one of another server in the database first.
    if (context.roster.with([](const Roster& roster) { return roster.halt().halted; })) {
        return halted(kAllHalted);
    }
    THIMBLE_TRY(LeaseWord word, word_about(context, call, *question));
    if (!word.why_not.empty()) {
        return halted(std::move(word.why_not));
    }
    const protocol::Envelope grant = context.authority.seal(protocol::format_lease_grant(
        {.host = call.host_id,
         .job = question->job,
         .lease = question->lease,
         .challenge = question->challenge,
         .approval = std::move(word.approval)}));
    return Answer(Response{200, "application/json", protocol::format_envelope(grant), {}});
}

}  // namespace thimble::server
