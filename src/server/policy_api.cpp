#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/rollout/parse_policy.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/store/rollouts.hpp"

namespace thimble::server {
namespace {

/// Rings by default depend on the number of hosts; whether a policy can be read does not.
constexpr std::size_t kAnyNumberOfHosts = 1;

std::string json_of(const std::string& digest) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member_or_null("digest", digest).close_object();
    return text;
}

Error not_there(const std::string& name) {
    return failure(ErrorKind::NotFound, "server.no_policy", "there is no policy \"" + name + "\"");
}

}  // namespace

Result<Answer> set_policy(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string text = members.text("text");
    THIMBLE_TRY(const std::string why, checked_reason_or_none(members));
    THIMBLE_TRY(const rollout::Policy policy, rollout::parse_policy(text, kAnyNumberOfHosts));
    if (policy.name != call.parameters.front()) {
        return failure(
            ErrorKind::Invalid,
            "server.bad_body",
            "the text must be of the policy that the address names");
    }
    const store::PolicyRecord record{
        policy.name, text, sha256_of(text), call.principal->actor, call.request.now};
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(const auto before, store::policy_of(connection, policy.name));
            THIMBLE_TRY(store::set_policy(connection, record));
            return trail.note(
                {call.principal->actor,
                 "policy.set",
                 policy.name,
                 before ? json_of(before->digest) : "",
                 json_of(record.digest),
                 why});
        }));
    return Answer(Response{200, "application/json", json_of(record.digest), {}});
}

Result<Answer> remove_policy(Context& context, const Call& call) {
    const std::string& name = call.parameters.front();
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(const auto before, store::policy_of(connection, name));
            if (!before) {
                return not_there(name);
            }
            THIMBLE_TRY(store::remove_policy(connection, name));
            return trail.note(
                {call.principal->actor, "policy.remove", name, json_of(before->digest), "", ""});
        }));
    return Answer(Response{204, "", "", {}});
}

}  // namespace thimble::server
