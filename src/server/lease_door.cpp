#include "thimble/base/json_members.hpp"
#include "thimble/protocol/admit_job.hpp"
#include "thimble/protocol/messages.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/store/jobs.hpp"

#include <algorithm>

namespace thimble::server {
namespace {

Error halted(const char* why) {
    return failure(ErrorKind::Conflict, "server.halted", why);
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

/// In one transaction: whether its rollout lets it begin now, and that it has begun.
/// @return why it may not; empty: it may
Result<std::string> take_turn(Context& context, const store::Job& job, Instant now) {
    return context.database.transact([&](store::Connection& connection) -> Result<std::string> {
        THIMBLE_TRY(std::string why, why_no_turn(connection, job, now));
        if (!why.empty()) {
            return why;
        }
        THIMBLE_TRY(const bool is_taken, store::take_lease(connection, job.id, job.host_id, now));
        return std::string(is_taken ? "" : "it was taken back");
    });
}

}  // namespace

Result<Answer> grant_lease(Context& context, const Call& call) {
    const auto question = protocol::parse_lease_question(call.request.body);
    if (!question) {
        return failure(ErrorKind::Invalid, "server.bad_body", question.error().text());
    }
    const auto [is_halted, jobs] = context.roster.with([&](const Roster& roster) {
        return std::pair(roster.halt().halted, roster.jobs_of(call.host_id, {}, call.request.now));
    });
    if (is_halted) {
        return halted("everything is halted");
    }
    const auto job = std::ranges::find_if(
        jobs, [&](const store::Job& waiting) { return is_asked(waiting, *question); });
    if (job == jobs.end()) {
        return halted("no such job waits for this host");
    }
    THIMBLE_TRY(const std::string no_turn, take_turn(context, *job, call.request.now));
    if (!no_turn.empty()) {
        return halted(no_turn.c_str());
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
