#include "thimble/base/faults.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/vulnerability_id.hpp"
#include "thimble/server/exception_course.hpp"
#include "thimble/server/exception_scope.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/known_names.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace thimble::server {
namespace {

constexpr std::size_t kMostControls = 20;

std::vector<std::string> texts_or_none(JsonMembers& members, std::string_view name) {
    return members.is_null(name) ? std::vector<std::string>() : members.texts(name);
}

Result<Instant> instant_of(const std::string& text) {
    auto instant = parse_instant(text);
    return instant ? instant
                   : Result<Instant>(bad_body("until must be an instant: 2026-12-01T00:00:00Z"));
}

/// The group of all these hosts, or "*" when they are of several. What is not there is taken out of them.
/// @error NotFound "server.no_host"  names those that are not there
Result<std::string> group_of(Context& context, std::vector<std::string>& hosts) {
    std::set<std::string> groups;
    std::string unknown;
    std::erase_if(hosts, [&](const std::string& id) {
        const std::string group =
            context.roster.with([&](const Roster& roster) { return roster.group_of(id); });
        if (group.empty()) {
            unknown.append(unknown.empty() ? "\"" : ", \"").append(id).append("\"");
        } else {
            groups.insert(group);
        }
        return group.empty();
    });
    if (!unknown.empty()) {
        return failure(
            ErrorKind::NotFound,
            "server.no_host",
            "there is no host " + unknown + ": thimble hosts lists them");
    }
    return groups.size() == 1 ? *groups.begin() : std::string(kEveryGroup);
}

/// @error Denied "server.not_allowed"
Result<void> check_group(const Call& call, Action action, const std::string& group) {
    if (allows(*call.principal, action, group)) {
        return {};
    }
    return failure(
        ErrorKind::Denied,
        "server.not_allowed",
        "this needs the action " + std::string(action_name(action)) + " for hosts of "
            + (group == kEveryGroup ? "every group" : "the group " + group));
}

/// Hosts of other groups are never covered: the group is part of the scope. Empty group: it is not known for which hosts it is.
Result<model::ExceptionScope> scope_of(Context& context, JsonMembers& members, Faults& faults) {
    model::ExceptionScope scope;
    scope.hosts = texts_or_none(members, "hosts");
    scope.packages = texts_or_none(members, "packages");
    scope.vulnerabilities = texts_or_none(members, "vulnerabilities");
    for (std::string& id : scope.vulnerabilities) {
        THIMBLE_TRY(id, faults.value_or(model::vulnerability_id_of(id), id));
    }
    scope.host_tag = members.text_or_null("tag");
    scope.host_group = members.text_or_null("group");
    const bool names_hosts = !scope.hosts.empty();
    THIMBLE_TRY(
        const std::string of_hosts, faults.value_or(group_of(context, scope.hosts), std::string()));
    if (names_hosts && scope.hosts.empty()) {
        scope.host_group.clear();  // without them it would be for the whole group
        return scope;
    }
    if (names_hosts && scope.host_group.empty()) {
        scope.host_group = of_hosts;
    } else if (scope.host_group.empty()) {
        THIMBLE_TRY(faults.note(
            bad_body("say for which hosts it is: hosts, or a group; \"*\" is every group")));
    } else if (scope.host_group != kEveryGroup) {
        THIMBLE_TRY(
            scope.host_group,
            faults.value_or(checked_word(scope.host_group, "group"), std::string()));
    }
    return scope;
}

/// What is asked for, with something that breaks no rule where it is wrong.
Result<model::PatchException> wanted_exception(Context& context, const Call& call, Faults& faults) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    model::PatchException wanted;
    wanted.id = random_id();
    wanted.requester = person_of(*call.principal);
    wanted.requested_at = call.request.now;
    const auto reason = model::exception_reason_named(members.text("reason"));
    THIMBLE_TRY(wanted.scope, scope_of(context, members, faults));
    wanted.controls = texts_or_none(members, "controls");
    const std::string until = members.text("until");
    const std::string owner = members.text("owner");
    THIMBLE_TRY(wanted.why, faults.value_or(checked_reason(members), std::string("-")));
    THIMBLE_TRY(wanted.owner, faults.value_or(checked_name(owner, "owner"), std::string("-")));
    THIMBLE_TRY(
        wanted.expires_at,
        faults.value_or(instant_of(until), Instant(wanted.requested_at + Days(1))));
    if (!reason) {
        THIMBLE_TRY(
            faults.note(bad_body("reason must be one of " + model::exception_reason_names())));
    }
    wanted.reason = reason.value_or(model::ExceptionReason::DeviceUnmanaged);
    if (wanted.controls.size() > kMostControls) {
        THIMBLE_TRY(faults.note(bad_body("controls are at most 20")));
        wanted.controls.resize(kMostControls);
    }
    for (const std::string& control : wanted.controls) {
        THIMBLE_TRY(faults.value_or(checked_word(control, "controls"), control));
    }
    return wanted;
}

/// What of its names is in doubt, a sentence each.
Result<std::vector<std::string>> doubts_of(
    store::Connection& connection, const model::PatchException& wanted) {
    rollout::HostQuery query;
    query.groups = {wanted.scope.host_group};
    if (!wanted.scope.host_tag.empty()) {
        query.tags = {wanted.scope.host_tag};
    }
    std::optional<std::set<std::string>> tags_in_use;
    THIMBLE_TRY(auto doubts, doubts_about(connection, query, tags_in_use));
    THIMBLE_TRY(const auto of_owner, doubts_about_owner(connection, wanted.owner));
    doubts.insert(doubts.end(), of_owner.begin(), of_owner.end());
    return doubts;
}

constexpr Action action_for(model::ExceptionAct::Kind kind) {
    const bool is_answer =
        kind == model::ExceptionAct::Kind::Approve || kind == model::ExceptionAct::Kind::Refuse;
    return is_answer ? Action::Approve : Action::Operate;
}

}  // namespace

Result<Answer> create_exception(Context& context, const Call& call) {
    Faults faults;
    THIMBLE_TRY(const model::PatchException wanted, wanted_exception(context, call, faults));
    if (wanted.scope.host_group.empty()) {
        THIMBLE_TRY(faults.verdict());
    }
    THIMBLE_TRY(check_group(call, Action::Operate, wanted.scope.host_group));
    THIMBLE_TRY(
        const auto of_scope,
        faults.value_or(doubts_about_scope(context, wanted.scope), std::vector<std::string>()));
    std::vector<std::string> doubts;
    THIMBLE_TRY(
        const std::size_t patches,
        change(
            context,
            call.request.now,
            [&](store::Connection& connection, Trail& trail) -> Result<std::size_t> {
                THIMBLE_TRY(doubts, doubts_of(connection, wanted));
                THIMBLE_TRY(
                    const RequestedException requested,
                    request_exception(
                        context, connection, trail, {wanted, call.principal->actor, faults}));
                doubts.insert(doubts.end(), requested.doubts.begin(), requested.doubts.end());
                return requested.patches;
            }));
    doubts.insert(doubts.end(), of_scope.begin(), of_scope.end());
    Response response{201, "application/json", "", {}};
    JsonWriter json(response.body);
    json.open_object().member("id", wanted.id).key("would_cover");
    json.number(static_cast<std::int64_t>(patches));
    write_warnings(json, doubts);
    json.close_object();
    return Answer(response);
}

Result<Answer> act_on_exception(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    ExceptionOrder order{
        .id = call.parameters.front(),
        .act = members.text("act"),
        .actor = call.principal->actor,
        .why = {},
        .what = {.kind = {}, .person = person_of(*call.principal), .until = {}}};
    const std::string until = members.text_or_null("until");
    THIMBLE_TRY(order.why, checked_reason(members));
    const auto kind = model::exception_act_named(order.act);
    if (!kind) {
        return bad_body("act must be approve, refuse, revoke or renew");
    }
    order.what.kind = *kind;
    const bool names_date = *kind == model::ExceptionAct::Kind::Approve && !until.empty();
    if (*kind == model::ExceptionAct::Kind::Renew || names_date) {
        THIMBLE_TRY(order.what.until, instant_of(until));
    }
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(const auto exception, exception_named(connection, order.id));
            THIMBLE_TRY(check_group(call, Action::Read, exception.scope.host_group));
            THIMBLE_TRY(check_group(call, action_for(*kind), exception.scope.host_group));
            return act_on_exception(context, connection, trail, order);
        }));
    return Answer(Response{204, "", "", {}});
}

Result<Answer> add_exception_evidence(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string text = members.text("text");
    THIMBLE_TRY(check_members(members));
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(const auto exception, exception_named(connection, id));
            THIMBLE_TRY(check_group(call, Action::Operate, exception.scope.host_group));
            return keep_vendor_document(connection, trail, exception, text, call.principal->actor);
        }));
    return Answer(Response{204, "", "", {}});
}

}  // namespace thimble::server
