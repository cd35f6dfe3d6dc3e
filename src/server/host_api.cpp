#include "thimble/base/json_writer.hpp"
#include "thimble/model/host_tags.hpp"
#include "thimble/server/exception_course.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/removed_host.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/store/host_marks.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>
#include <span>
#include <utility>

namespace thimble::server {
namespace {

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

/// What people say of a host.
struct HostWords {
    std::string group;
    std::string tags;
    bool operator==(const HostWords&) const = default;
};

std::string json_of(const HostWords& words) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("group", words.group);
    json.member("tags", std::span<const std::string>(model::parse_tags(words.tags)));
    json.close_object();
    return text;
}

/// What is asked for a host that is there.
struct HostChange {
    std::string group;                    ///< empty: as it is
    std::optional<model::HostTags> tags;  ///< in the place of all
    model::HostTags add_tags;
    model::HostTags remove_tags;
    std::string why;
};

Result<HostChange> host_change_of(const Request& request) {
    THIMBLE_TRY(const JsonValue body, body_of(request));
    JsonMembers members(body);
    HostChange wanted;
    const std::string group = members.text_or_null("group");
    if (!members.is_null("tags")) {
        wanted.tags = members.texts("tags");
    }
    for (const auto& [name, tags] :
         {std::pair{"add_tags", &wanted.add_tags}, std::pair{"remove_tags", &wanted.remove_tags}}) {
        if (!members.is_null(name)) {
            *tags = members.texts(name);
        }
    }
    THIMBLE_TRY(wanted.why, checked_reason_or_none(members));
    if (!group.empty()) {
        THIMBLE_TRY(wanted.group, checked_word(group, "group"));
    }
    if (group.empty() && !wanted.tags && wanted.add_tags.empty() && wanted.remove_tags.empty()) {
        return failure(
            ErrorKind::Invalid,
            "server.bad_body",
            "say what is to change: group, tags, add_tags or remove_tags");
    }
    return wanted;
}

/// @error Invalid "server.bad_body"
Result<std::string> tags_after(const HostChange& wanted, const std::string& before) {
    auto changed = wanted.tags ? model::changed_tags({}, {}, *wanted.tags)
                               : Result<model::HostTags>(model::parse_tags(before));
    if (changed) {
        changed = model::changed_tags(*std::move(changed), wanted.remove_tags, wanted.add_tags);
    }
    if (!changed) {
        return failure(ErrorKind::Invalid, "server.bad_body", changed.error().message);
    }
    return model::format_tags(*changed);
}

/// Who halted everything, when and why.
struct HaltNote {
    std::string since;
    std::string by;
    std::string why;
};

std::string json_of(HaltState state, const HaltNote& note) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.key("halted").boolean(state.halted);
    json.key("halt").number(state.generation);
    json.member_or_null("since", note.since).member_or_null("by", note.by);
    json.member_or_null("why", note.why);
    json.close_object();
    return text;
}

HaltNote note_from_setting(const std::string& content) {
    const auto document = parse_json(content);
    if (!document) {
        return {};
    }
    JsonMembers members(*document);
    return {members.text_or_null("since"), members.text_or_null("by"), members.text_or_null("why")};
}

/// Who began it, why and since when stays: a second one would hide it.
Error halted_already(Context& context, HaltState halt, const HaltNote& note) {
    // Another server may have begun it, and this one not have heard of it yet.
    context.roster.with([&](Roster& roster) { roster.set_halt(halt); });
    context.wake();
    return failure(
        ErrorKind::Conflict,
        "server.halted_already",
        "halted already by " + note.by + " since " + note.since + ": " + note.why
            + "; thimble halt end ends it");
}

Result<Answer> set_halt(Context& context, const Call& call, bool halted, const std::string& why) {
    if (call.principal->host_group != kEveryGroup) {
        return failure(
            ErrorKind::Denied, "server.not_allowed", "a halt concerns hosts of every group");
    }
    HaltState after;
    const HaltNote note = halted
        ? HaltNote{format_instant(call.request.now), "user:" + call.principal->account.name, why}
        : HaltNote{};
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(const std::string content, store::setting(connection, kHaltSetting));
            const HaltState before = halt_from_setting(content);
            if (halted && before.halted) {
                return halted_already(context, before, note_from_setting(content));
            }
            after = HaltState{halted, before.generation + 1};
            if (halted) {
                // Before it is committed: a halt that could not be kept does no harm, a late one does.
                context.roster.with([&](Roster& roster) { roster.set_halt(after); });
                context.wake();
            }
            THIMBLE_TRY(store::set_setting(connection, kHaltSetting, json_of(after, note)));
            trail.tell_others({store::ServerNews::Kind::Halt, ""});
            return trail.note(
                {call.principal->actor,
                 halted ? "halt.begin" : "halt.end",
                 "",
                 json_of(before, note_from_setting(content)),
                 json_of(after, note),
                 why});
        }));
    context.roster.with([&](Roster& roster) { roster.set_halt(after); });
    context.wake();
    return Answer(Response{200, "application/json", json_of(after, note), {}});
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
    THIMBLE_TRY(const HostChange wanted, host_change_of(call.request));
    HostWords before;
    THIMBLE_TRY(before.group, group_for(context, call, id));
    HostWords after{wanted.group.empty() ? before.group : wanted.group, ""};
    if (!allows(*call.principal, Action::Operate, after.group)) {
        return failure(
            ErrorKind::Denied, "server.not_allowed", "you may not move hosts into that group");
    }
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(before.tags, store::tags_of_host(connection, id));
            THIMBLE_TRY(after.tags, tags_after(wanted, before.tags));
            if (after == before) {
                return {};
            }
            if (!wanted.group.empty()) {
                THIMBLE_TRY(store::set_host_group(connection, id, after.group));
                trail.tell_others({store::ServerNews::Kind::Host, id});
            }
            THIMBLE_TRY(store::set_host_tags(connection, id, after.tags));
            THIMBLE_TRY(const auto exceptions, active_exceptions(connection));
            THIMBLE_TRY(cover_host(connection, id, exceptions));
            return trail.note(
                {call.principal->actor,
                 "host.change",
                 id,
                 json_of(before),
                 json_of(after),
                 wanted.why});
        }));
    if (!wanted.group.empty()) {
        context.roster.with([&](Roster& roster) { roster.set_group(id, after.group); });
    }
    return Answer(Response{204, "", "", {}});
}

Result<Answer> revoke_host(Context& context, const Call& call) {
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(const std::string why, checked_reason_or_none(call.request.target));
    THIMBLE_TRY(group_for(context, call, id));
    // In memory first: from now on it is refused, whatever becomes of the database.
    context.roster.with([&](Roster& roster) { roster.revoke(id, call.request.now); });
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(store::revoke_host(connection, id, call.request.now));
            trail.tell_others({store::ServerNews::Kind::Host, id});
            THIMBLE_TRY(leave_deployments(connection, trail, id));
            return trail.note({call.principal->actor, "host.revoke", id, "", "", why});
        }));
    context.fleet.with([&](IndexedFleet& fleet) { fleet.revoke(id); });
    return Answer(Response{204, "", "", {}});
}

Result<Answer> show_halt(Context& context, const Call& /*call*/) {
    const HaltState state = context.roster.with([](const Roster& roster) { return roster.halt(); });
    HaltNote note;
    if (state.halted) {
        THIMBLE_TRY(
            const std::string content, context.database.look([](store::Connection& connection) {
                return store::setting(connection, kHaltSetting);
            }));
        note = note_from_setting(content);
    }
    return Answer(Response{200, "application/json", json_of(state, note), {}});
}

Result<Answer> halt(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    THIMBLE_TRY(const std::string why, checked_reason(members));
    return set_halt(context, call, true, why);
}

Result<Answer> end_halt(Context& context, const Call& call) {
    return set_halt(context, call, false, "");
}

}  // namespace thimble::server
