#include "thimble/base/json_writer.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"

namespace thimble::server {
namespace {

constexpr std::size_t kMaxWhyBytes = 1000;

/// The group of a host that the principal may do this to.
/// @error NotFound "server.no_host"  also for hosts of groups that it may not see
Result<std::string> group_for(Context& context, const Call& call, const std::string& host_id) {
    std::string group =
        context.roster.with([&](const Roster& roster) { return roster.group_of(host_id); });
    if (group.empty() || !allows(*call.principal, Action::Operate, group)) {
        return failure(ErrorKind::NotFound, "server.no_host", "there is no such host");
    }
    return group;
}

std::string json_of_group(const std::string& group) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("group", group).close_object();
    return text;
}

std::string json_of(HaltState state) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.key("halted").boolean(state.halted);
    json.key("halt").number(state.generation);
    json.close_object();
    return text;
}

Result<Answer> set_halt(Context& context, const Call& call, bool halted, const std::string& why) {
    if (call.principal->host_group != kEveryGroup) {
        return failure(
            ErrorKind::Denied, "server.not_allowed", "a halt concerns hosts of every group");
    }
    HaltState after;
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(const std::string content, store::setting(connection, kHaltSetting));
            const HaltState before = halt_from_setting(content);
            after = HaltState{halted, before.generation + 1};
            if (halted) {
                // Before it is committed: a halt that could not be kept does no harm, a late one does.
                context.roster.with([&](Roster& roster) { roster.set_halt(after); });
                context.wake();
            }
            THIMBLE_TRY(store::set_setting(connection, kHaltSetting, json_of(after)));
            trail.tell_others({store::ServerNews::Kind::Halt, ""});
            return trail.note(
                {call.principal->actor,
                 halted ? "halt.begin" : "halt.end",
                 "",
                 json_of(before),
                 json_of(after),
                 why});
        }));
    context.roster.with([&](Roster& roster) { roster.set_halt(after); });
    context.wake();
    return Answer(Response{200, "application/json", json_of(after), {}});
}

}  // namespace

HaltState halt_from_setting(const std::string& content) {
    const auto document = parse_json(content);
    if (content.empty() || !document) {
        return {};
    }
    JsonMembers members(*document);
    const bool halted = members.boolean("halted");
    return {halted, members.number("halt")};
}

Result<Answer> change_host(Context& context, const Call& call) {
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string given = members.text("group");
    const std::string why = members.text_or_null("why");
    THIMBLE_TRY(check_members(members));
    THIMBLE_TRY(const std::string group, checked_word(given, "group"));
    THIMBLE_TRY(const std::string before, group_for(context, call, id));
    if (!allows(*call.principal, Action::Operate, group)) {
        return failure(
            ErrorKind::Denied, "server.not_allowed", "you may not move hosts into that group");
    }
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(store::set_host_group(connection, id, group));
            trail.tell_others({store::ServerNews::Kind::Host, id});
            return trail.note(
                {call.principal->actor,
                 "host.change",
                 id,
                 json_of_group(before),
                 json_of_group(group),
                 why});
        }));
    context.roster.with([&](Roster& roster) { roster.set_group(id, group); });
    return Answer(Response{204, "", "", {}});
}

Result<Answer> revoke_host(Context& context, const Call& call) {
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(group_for(context, call, id));
    // In memory first: from now on it is refused, whatever becomes of the database.
    context.roster.with([&](Roster& roster) { roster.revoke(id, call.request.now); });
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(store::revoke_host(connection, id, call.request.now));
            trail.tell_others({store::ServerNews::Kind::Host, id});
            return trail.note({call.principal->actor, "host.revoke", id, "", "", ""});
        }));
    context.fleet.with([&](IndexedFleet& fleet) { fleet.revoke(id); });
    return Answer(Response{204, "", "", {}});
}

Result<Answer> show_halt(Context& context, const Call& /*call*/) {
    const HaltState state = context.roster.with([](const Roster& roster) { return roster.halt(); });
    return Answer(Response{200, "application/json", json_of(state), {}});
}

Result<Answer> halt(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string why = members.text("why");
    THIMBLE_TRY(check_members(members));
    if (why.empty() || why.size() > kMaxWhyBytes) {
        return failure(ErrorKind::Invalid, "server.bad_body", "why must be 1 to 1000 bytes");
    }
    return set_halt(context, call, true, why);
}

Result<Answer> end_halt(Context& context, const Call& call) {
    return set_halt(context, call, false, "");
}

}  // namespace thimble::server
