#include "thimble/base/json_members.hpp"
#include "thimble/protocol/admit_job.hpp"
#include "thimble/protocol/messages.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>

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

/// What decides about a lease. The database has the last word: another server may have halted everything, closed
/// the job or revoked the host a moment ago.
struct Standing {
    bool is_halted = false;
    std::optional<store::Job> job;  ///< if it waits, and the host was not revoked
};

Result<Standing> standing_of(Context& context, const Call& call, const std::string& job) {
    return context.database.look([&](store::Connection& connection) -> Result<Standing> {
        Standing standing;
        THIMBLE_TRY(const auto host, store::host_of_id(connection, call.host_id));
        if (host && host->revoked_at == Instant{}) {
            THIMBLE_TRY(
                standing.job, store::waiting_job(connection, job, call.host_id, call.request.now));
        }
        THIMBLE_TRY(const std::string halt, store::setting(connection, kHaltSetting));
        standing.is_halted = halt_from_setting(halt).halted;
        return standing;
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
        return halted("everything is halted");
    }
    THIMBLE_TRY(const Standing standing, standing_of(context, call, question->job));
    if (standing.is_halted) {
        return halted("everything is halted");
    }
    if (!standing.job || !is_asked(*standing.job, *question)) {
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
