#include "thimble/base/json_members.hpp"
#include "thimble/protocol/admit_job.hpp"
#include "thimble/protocol/messages.hpp"
#include "thimble/server/handlers.hpp"

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
    if (std::ranges::none_of(
            jobs, [&](const store::Job& job) { return is_asked(job, *question); })) {
        return halted("no such job waits for this host");
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
