#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/server/deployment_course.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/make_job.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/store/jobs.hpp"

#include <algorithm>
#include <span>

namespace thimble::server {
namespace {

constexpr std::size_t kMaxEnvelopeBytes = 48U << 10U;
constexpr std::size_t kMostHosts = 1000;
constexpr std::int64_t kJobMinutes = 24 * 60;
constexpr std::int64_t kMostJobMinutes = std::int64_t{30} * 24 * 60;

Result<model::PlanSelection> selection_of(JsonMembers& members) {
    const JsonValue& value = members.member("selection");
    THIMBLE_TRY(check_members(members));
    auto selection = protocol::parse_selection(value);
    if (!selection) {
        return bad_body("selection: " + selection.error().text());
    }
    return selection;
}

/// What can be read of an envelope, so that its end is known by the id that the host will name. Whether it
/// is signed as it must be is the host's to check.
void read_content(store::Job& job) {
    const auto envelope = protocol::parse_envelope(job.envelope);
    if (!envelope) {
        return;
    }
    const auto content = protocol::parse_job(envelope->content);
    if (!content || content->host != job.host_id) {
        return;
    }
    job.id = content->id;
    job.kind = protocol::job_kind_name(content->kind);
    job.plan_digest = content->plan_digest;
    job.run = content->run;
}

/// A job that was signed elsewhere.
Result<store::Job> signed_elsewhere(JsonMembers& members, const Call& call) {
    store::Job job;
    job.host_id = members.text("host_id");
    job.envelope = members.text("envelope");
    THIMBLE_TRY(check_members(members));
    THIMBLE_TRY(
        const std::int64_t minutes,
        checked_number(members, "minutes", kJobMinutes, kMostJobMinutes));
    if (job.envelope.empty() || job.envelope.size() > kMaxEnvelopeBytes) {
        return bad_body("envelope must be 1 to 49152 bytes of text");
    }
    job.id = random_id();
    job.created_by = call.principal->actor;
    job.created_at = call.request.now;
    job.expires_at = call.request.now + std::chrono::minutes(minutes);
    read_content(job);
    return job;
}

Result<JobOrder> order_of(JsonMembers& members, const Call& call) {
    JobOrder order;
    order.host_id = members.text("host_id");
    const std::string kind = members.text("kind");
    order.plan_digest = members.text_or_null("plan_digest");
    order.run = members.text_or_null("run");
    THIMBLE_TRY(check_members(members));
    const auto known = protocol::job_kind_named(kind);
    if (!known) {
        return bad_body("kind is not one of those of docs/formats/job.md");
    }
    order.kind = *known;
    if (order.kind == protocol::JobKind::Prefetch) {
        THIMBLE_TRY(order.selection, selection_of(members));
    }
    THIMBLE_TRY(
        const std::int64_t minutes,
        checked_number(members, "minutes", kJobMinutes, kMostJobMinutes));
    order.good_for = std::chrono::minutes(minutes);
    order.created_by = call.principal->actor;
    return order;
}

/// Whether a host is there, and is one that the principal may do this to.
/// @error NotFound "server.no_host"
Result<void> check_host(Context& context, const Call& call, const std::string& id) {
    const std::string group =
        context.roster.with([&](const Roster& roster) { return roster.group_of(id); });
    if (group.empty() || !allows(*call.principal, Action::Operate, group)) {
        return failure(ErrorKind::NotFound, "server.no_host", "there is no host " + id);
    }
    return context.roster.with([&](const Roster& roster) { return roster.admit(id); });
}

Result<std::vector<std::string>> hosts_of(
    Context& context, const Call& call, JsonMembers& members) {
    std::vector<std::string> ids = members.texts("host_ids");
    THIMBLE_TRY(check_members(members));
    std::ranges::sort(ids);
    if (ids.empty() || ids.size() > kMostHosts || std::ranges::adjacent_find(ids) != ids.end()) {
        return bad_body("host_ids must name 1 to 1000 hosts, each once");
    }
    for (const std::string& id : ids) {
        THIMBLE_TRY(check_host(context, call, id));
    }
    return ids;
}

std::string json_of(
    const model::PlanSelection& selection, bool restarts, std::span<const std::string> hosts) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("selection").written(protocol::format_selection(selection));
    json.key("restart_services").boolean(restarts);
    json.member("hosts", hosts).close_object();
    return text;
}

Answer created(const std::string& id) {
    Response response{201, "application/json", "", {}};
    JsonWriter json(response.body);
    json.open_object().member("id", id).close_object();
    return response;
}

}  // namespace

Result<Answer> create_job(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const bool is_signed = !members.is_null("envelope");
    store::Job job;
    JobOrder order;
    if (is_signed) {
        THIMBLE_TRY(job, signed_elsewhere(members, call));
    } else {
        THIMBLE_TRY(order, order_of(members, call));
    }
    THIMBLE_TRY(check_host(context, call, is_signed ? job.host_id : order.host_id));
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            if (is_signed) {
                THIMBLE_TRY(const bool is_known, store::has_job(connection, job.id));
                if (is_known) {
                    job.id = random_id();  // it was given before; its end closes the first
                }
                THIMBLE_TRY(store::add_job(connection, job));
            } else {
                THIMBLE_TRY(job, make_job(connection, context.authority, order, call.request.now));
            }
            trail.tell({{job}, {}});
            return trail.note(
                {call.principal->actor,
                 "job.create",
                 job.id,
                 "",
                 "",
                 (is_signed ? "signed elsewhere " : "") + job.kind + " for host " + job.host_id});
        }));
    return created(job.id);
}

Result<Answer> create_deployment(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    THIMBLE_TRY(const std::string why, checked_reason(members));
    THIMBLE_TRY(const model::PlanSelection selection, selection_of(members));
    const bool restarts =
        !members.is_null("restart_services") && members.boolean("restart_services");
    THIMBLE_TRY(check_members(members));
    THIMBLE_TRY(const std::vector<std::string> hosts, hosts_of(context, call, members));
    const store::Deployment deployment{
        random_id(),
        "",
        restarts,
        call.principal->actor,
        call.request.now,
        why,
        {},
        call.principal->host_group};
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(
                JobChanges done,
                begin_deployment(context, connection, deployment, selection, hosts));
            trail.tell(std::move(done));
            return trail.note(
                {call.principal->actor,
                 "deployment.create",
                 deployment.id,
                 "",
                 json_of(selection, restarts, hosts),
                 why});
        }));
    return created(deployment.id);
}

Result<Answer> end_deployment(Context& context, const Call& call) {
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(const std::string reason, checked_reason_or_none(call.request.target));
    THIMBLE_TRY(const auto hosts, context.database.look([&](store::Connection& connection) {
        return store::hosts_of_deployment(connection, id);
    }));
    for (const store::DeploymentHost& host : hosts) {
        const std::string group = context.roster.with(
            [&](const Roster& roster) { return roster.group_of(host.host_id); });
        if (!allows(*call.principal, Action::Operate, group)) {
            return failure(
                ErrorKind::Denied,
                "server.not_allowed",
                "it has hosts of groups that are not yours");
        }
    }
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            const std::string why =
                "cancelled by " + name_of(*call.principal) + (reason.empty() ? "" : ": " + reason);
            THIMBLE_TRY(const auto rollout, store::rollout_of(connection, id));
            if (rollout) {
                THIMBLE_TRY(
                    drive_rollout(context, connection, trail, id, rollout::CancelledByPerson{why}));
            }
            THIMBLE_TRY(JobChanges done, cancel_deployment(connection, id, why, call.request.now));
            trail.tell(std::move(done));
            return trail.note({call.principal->actor, "deployment.cancel", id, "", "", reason});
        }));
    return Answer(Response{204, "", "", {}});
}

}  // namespace thimble::server
