#include "thimble/base/json_writer.hpp"
#include "thimble/model/host_tags.hpp"
#include "thimble/rollout/notice.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/owner_deferral.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/store/host_marks.hpp"

#include <algorithm>
#include <utility>

namespace thimble::server {
namespace {

/// The host's tag names the account: "owner=olga".
Result<bool> is_owner(
    store::Connection& connection, const Principal& principal, const std::string& host_id) {
    THIMBLE_TRY(const std::string tags, store::tags_of_host(connection, host_id));
    const model::HostTags all = model::parse_tags(tags);
    return std::ranges::find(all, "owner=" + principal.account.name) != all.end();
}

/// The index of a host that the principal sees, and may speak for.
/// @error NotFound "server.no_host"; Denied "server.not_allowed"
Result<std::size_t> host_to_defer(
    Context& context, store::Connection& connection, const Call& call, const LiveRollout& live) {
    const std::string& id = call.parameters[1];
    const auto& hosts = live.rollout.hosts;
    const auto host = std::ranges::find(hosts, id, &rollout::RolloutHost::id);
    const std::string group =
        context.roster.with([&](const Roster& roster) { return roster.group_of(id); });
    if (host == hosts.end() || !allows(*call.principal, Action::Read, group)) {
        return failure(ErrorKind::NotFound, "server.no_host", "the rollout has no host " + id);
    }
    THIMBLE_TRY(const bool is_owners, is_owner(connection, *call.principal, id));
    if (!is_owners && !allows(*call.principal, Action::Operate, group)) {
        return failure(
            ErrorKind::Denied,
            "server.not_allowed",
            "only who may operate its group, or the account that its tag owner=NAME names, puts "
            "it off");
    }
    return static_cast<std::size_t>(host - hosts.begin());
}

Result<void> check_deferral(const LiveRollout& live, const rollout::Deferred& asked, Instant now) {
    std::string why = live.record.is_emergency
        ? "this is an emergency, which gives no notice and is not put off"
        : rollout::why_no_deferral(live.rollout, asked.host, asked.until, now);
    return why.empty() ? Result<void>()
                       : failure(ErrorKind::Conflict, "server.not_deferred", std::move(why));
}

std::string json_of(const std::string& host_id, Instant until) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("host", host_id);
    json.member("until", format_instant(until)).close_object();
    return text;
}

}  // namespace

Result<Answer> defer_host(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string said = members.text("until");
    THIMBLE_TRY(std::string why, checked_reason(members));
    const auto until = parse_instant(said);
    if (!until) {
        return failure(ErrorKind::Invalid, "server.bad_body", "until: " + until.error().message);
    }
    const std::string& id = call.parameters[0];
    const Instant now = call.request.now;
    rollout::Deferred asked{0, *until, person_of(*call.principal), std::move(why)};
    THIMBLE_TRY(
        change(context, now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(LiveRollout live, live_rollout(context, connection, id, now));
            THIMBLE_TRY(asked.host, host_to_defer(context, connection, call, live));
            THIMBLE_TRY(learn_due(connection, live, asked.host));
            THIMBLE_TRY(check_deferral(live, asked, now));
            THIMBLE_TRY(trail.note(
                {call.principal->actor,
                 "rollout.defer",
                 id,
                 "",
                 json_of(call.parameters[1], asked.until),
                 asked.why}));
            return drive_rollout(context, connection, trail, id, asked);
        }));
    return Answer(Response{204, "", "", {}});
}

}  // namespace thimble::server
