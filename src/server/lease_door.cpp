#include "thimble/base/json_members.hpp"
#include "thimble/protocol/admit_job.hpp"
#include "thimble/protocol/messages.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/rollout_course.hpp"
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

/// Why a lease is not granted; empty: it is, and its job counts as begun. The database has the last word:
/// another server may have halted everything, closed the job or revoked the host a moment ago.
Result<std::string> why_not(
    Context& context, const Call& call, const protocol::LeaseQuestion& question) {
    const Instant now = call.request.now;
    return context.database.transact([&](store::Connection& connection) -> Result<std::string> {
        THIMBLE_TRY(const std::string halt, store::setting(connection, kHaltSetting));
        if (halt_from_setting(halt).halted) {
            return std::string(kAllHalted);
        }
        THIMBLE_TRY(const auto host, store::host_of_id(connection, call.host_id));
        std::optional<store::Job> job;
        if (host && host->revoked_at == Instant{}) {
            THIMBLE_TRY(job, store::waiting_job(connection, question.job, call.host_id, now));
        }
        if (!job || !is_asked(*job, question)) {
            return std::string("no such job waits for this host");
        }
        THIMBLE_TRY(std::string no_turn, why_no_turn(connection, *job, now));
        if (!no_turn.empty()) {
            return no_turn;
        }
        THIMBLE_TRY(const bool is_taken, store::take_lease(connection, job->id, job->host_id, now));
        return std::string(is_taken ? "" : "it was taken back");
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
    THIMBLE_TRY(const std::string why, why_not(context, call, *question));
    if (!why.empty()) {
        return halted(why);
    }
    THIMBLE_TRY(
        const protocol::Envelope grant,
        context.authority.seal(protocol::format_lease_grant(
            {.host = call.host_id,
             .job = question->job,
             .lease = question->lease,
             .challenge = question->challenge})));
    return Answer(Response{200, "application/json", protocol::format_envelope(grant), {}});
}

}  // namespace thimble::server
