#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/host_tags.hpp"
#include "thimble/protocol/enrolment_token.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/store/tokens.hpp"

namespace thimble::server {
namespace {

constexpr std::int64_t kEnrolmentDays = 7;
constexpr std::int64_t kApiDays = 90;
constexpr std::int64_t kMostDays = 366;
constexpr unsigned kCreated = 201;

std::string json_of(const store::EnrolmentToken& token) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.member("name", token.name).member("group", token.host_group);
    json.key("reusable").boolean(token.reusable);
    json.member_or_null("tags", token.tags);
    json.member("expires_at", format_instant(token.expires_at));
    json.close_object();
    return text;
}

std::string json_of(const store::ApiToken& token) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.member("name", token.name).member("actions", token.actions);
    json.member("group", token.host_group);
    json.member("expires_at", format_instant(token.expires_at));
    json.close_object();
    return text;
}

Response with_secret(const std::string& id, const std::string& secret, Instant expires_at) {
    Response response{kCreated, "application/json", "", {}};
    JsonWriter json(response.body);
    json.open_object();
    json.member("id", id).member("token", secret);
    json.member("expires_at", format_instant(expires_at));
    json.close_object();
    return response;
}

Error not_allowed() {
    return failure(
        ErrorKind::Denied, "server.not_allowed", "this goes beyond what you may do yourself");
}

/// The group that was asked for, every one of who makes the token when none was.
Result<std::string> group_of_token(const std::string& group, const Principal& principal) {
    if (group.empty()) {
        return principal.host_group;
    }
    if (group == kEveryGroup) {
        return group;
    }
    return checked_word(group, "group");
}

Result<store::EnrolmentToken> enrolment_token_of(const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string name = members.text("name");
    const std::string group = members.text("group");
    const bool reusable = !members.is_null("reusable") && members.boolean("reusable");
    const auto tags =
        members.is_null("tags") ? model::HostTags{} : model::HostTags(members.texts("tags"));
    THIMBLE_TRY(check_members(members));
    THIMBLE_TRY(
        const std::int64_t days, checked_number(members, "days", kEnrolmentDays, kMostDays));
    store::EnrolmentToken token;
    token.id = random_id();
    THIMBLE_TRY(token.name, checked_name(name, "name"));
    THIMBLE_TRY(token.host_group, checked_word(group, "group"));
    token.reusable = reusable;
    const auto checked = model::changed_tags({}, {}, tags);
    if (!checked) {
        return failure(ErrorKind::Invalid, "server.bad_body", checked.error().message);
    }
    token.tags = model::format_tags(*checked);
    token.created_by = call.principal->actor;
    token.created_at = call.request.now;
    token.expires_at = call.request.now + Days(days);
    return token;
}

Result<store::ApiToken> api_token_of(const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string name = members.text("name");
    const std::string actions = members.text("actions");
    const std::string group = members.text_or_null("group");
    THIMBLE_TRY(check_members(members));
    THIMBLE_TRY(const std::int64_t days, checked_number(members, "days", kApiDays, kMostDays));
    const auto parsed = parse_actions(actions);
    if (!parsed) {
        return failure(
            ErrorKind::Invalid,
            "server.bad_body",
            "actions are read, operate, approve, administer, comma separated");
    }
    store::ApiToken token;
    token.id = random_id();
    token.account_id = call.principal->account.id;
    THIMBLE_TRY(token.name, checked_name(name, "name"));
    token.actions = format_actions(*parsed);
    THIMBLE_TRY(token.host_group, group_of_token(group, *call.principal));
    const bool is_within = common_group(token.host_group, call.principal->host_group)
        == std::optional(token.host_group);
    if (!is_within || parsed->both(call.principal->actions) != *parsed) {
        return not_allowed();
    }
    token.created_at = call.request.now;
    token.expires_at = call.request.now + Days(days);
    return token;
}

/// Revokes by `revoke(Connection&)`, which tells whether there was something to revoke.
template <class Revoke>
Result<Answer> revoked(Context& context, const Call& call, const char* action, Revoke revoke) {
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(const bool was_there, revoke(connection));
            if (!was_there) {
                return failure(
                    ErrorKind::NotFound,
                    "server.no_token",
                    "there is no such token that is not revoked already");
            }
            return trail.note({call.principal->actor, action, call.parameters.front(), "", "", ""});
        }));
    return Answer(Response{204, "", "", {}});
}

}  // namespace

Result<Answer> create_enrolment_token(Context& context, const Call& call) {
    THIMBLE_TRY(store::EnrolmentToken token, enrolment_token_of(call));
    if (!allows(*call.principal, Action::Operate, token.host_group)) {
        return not_allowed();
    }
    const std::string secret = random_secret();
    token.digest = sha256_of(secret);
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(store::add_enrolment_token(connection, token));
            return trail.note(
                {call.principal->actor,
                 "enrolment-token.create",
                 token.id,
                 "",
                 json_of(token),
                 ""});
        }));
    return Answer(with_secret(
        token.id,
        protocol::format_enrolment_token({context.authority.fingerprint(), token.id, secret}),
        token.expires_at));
}

Result<Answer> revoke_enrolment_token(Context& context, const Call& call) {
    if (call.principal->host_group != kEveryGroup) {
        return not_allowed();
    }
    return revoked(context, call, "enrolment-token.revoke", [&](store::Connection& connection) {
        return store::revoke_enrolment_token(connection, call.parameters.front(), call.request.now);
    });
}

Result<Answer> create_api_token(Context& context, const Call& call) {
    if (call.principal->session_digest.empty()) {
        // A token that makes tokens would outlive its own end and its revocation.
        return failure(ErrorKind::Denied, "server.not_a_person", "a token cannot make API tokens");
    }
    THIMBLE_TRY(store::ApiToken token, api_token_of(call));
    const std::string secret = random_secret();
    token.digest = sha256_of(secret);
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(store::add_api_token(connection, token));
            return trail.note(
                {call.principal->actor, "api-token.create", token.id, "", json_of(token), ""});
        }));
    return Answer(with_secret(token.id, secret, token.expires_at));
}

Result<Answer> revoke_api_token(Context& context, const Call& call) {
    return revoked(context, call, "api-token.revoke", [&](store::Connection& connection) {
        return store::revoke_api_token(connection, call.parameters.front(), call.request.now);
    });
}

}  // namespace thimble::server
