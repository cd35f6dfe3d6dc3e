#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/rollout/check_policy.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/store/rollouts.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace thimble::server {
namespace {

/// Rings by default depend on the number of hosts; whether a policy can be read does not.
constexpr std::size_t kAnyNumberOfHosts = 1;
constexpr std::size_t kMostPolicies = 100;

std::string json_of(const std::string& digest) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member_or_null("digest", digest).close_object();
    return text;
}

Error not_there(const std::string& name) {
    return failure(ErrorKind::NotFound, "server.no_policy", "there is no policy \"" + name + "\"");
}

/// @error Invalid "rollout.bad_policy", "server.bad_body"
Result<store::PolicyRecord> record_of(const Call& call, const std::string& text) {
    THIMBLE_TRY(
        const rollout::Policy policy,
        rollout::parse_new_policy(text, kAnyNumberOfHosts, call.request.now));
    return store::PolicyRecord{
        policy.name, text, sha256_of(text), call.principal->actor, call.request.now};
}

/// All or none.
Result<void> keep_all(
    Context& context,
    const Call& call,
    std::span<const store::PolicyRecord> records,
    const std::string& why) {
    return change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            for (const store::PolicyRecord& record : records) {
                THIMBLE_TRY(const auto before, store::policy_of(connection, record.name));
                THIMBLE_TRY(store::set_policy(connection, record));
                THIMBLE_TRY(trail.note(
                    {call.principal->actor,
                     "policy.set",
                     record.name,
                     before ? json_of(before->digest) : "",
                     json_of(record.digest),
                     why}));
            }
            return {};
        });
}

}  // namespace

Result<Answer> set_policies(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::vector<JsonValue> items = members.array("policies");
    THIMBLE_TRY(const std::string why, checked_reason_or_none(members));
    if (items.empty() || items.size() > kMostPolicies) {
        return bad_body("policies are 1 to 100 objects with a text each");
    }
    std::vector<store::PolicyRecord> records;
    records.reserve(items.size());
    for (const JsonValue& item : items) {
        JsonMembers parts(item);
        const std::string text = parts.text("text");
        THIMBLE_TRY(check_members(parts));
        THIMBLE_TRY(records.emplace_back(), record_of(call, text));
        const auto same =
            std::ranges::count(records, records.back().name, &store::PolicyRecord::name);
        if (same > 1) {
            return bad_body("two of them are called \"" + records.back().name + "\"");
        }
    }
    THIMBLE_TRY(keep_all(context, call, records, why));
    std::string text;
    JsonWriter json(text);
    json.open_object().key("policies").open_array();
    for (const store::PolicyRecord& record : records) {
        json.open_object().member("name", record.name);
        json.member("digest", record.digest).close_object();
    }
    json.close_array().close_object();
    return Answer(Response{200, "application/json", std::move(text), {}});
}

Result<Answer> set_policy(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string text = members.text("text");
    THIMBLE_TRY(const std::string why, checked_reason_or_none(members));
    THIMBLE_TRY(const store::PolicyRecord record, record_of(call, text));
    if (record.name != call.parameters.front()) {
        return bad_body("the text must be of the policy that the address names");
    }
    THIMBLE_TRY(keep_all(context, call, {&record, 1}, why));
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
