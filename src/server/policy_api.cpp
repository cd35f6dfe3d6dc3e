#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/rollout/check_policy.hpp"
#include "thimble/rollout/emergency.hpp"
#include "thimble/rollout/parse_policy.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/known_names.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/store/rollouts.hpp"

#include <algorithm>
#include <set>
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

/// A policy and what its names leave in doubt.
struct KeptPolicy {
    store::PolicyRecord record;
    std::vector<std::string> doubts;
};

std::vector<rollout::HostQuery> queries_of(const rollout::Policy& policy) {
    std::vector<rollout::HostQuery> queries{policy.hosts};
    if (policy.hosts_except) {
        queries.push_back(*policy.hosts_except);
    }
    for (const rollout::RingRule& ring : policy.rings) {
        if (ring.hosts) {
            queries.push_back(*ring.hosts);
        }
    }
    queries.insert(queries.end(), policy.order.begin(), policy.order.end());
    return queries;
}

/// @return hosts that were removed, groups and tags of no host, owners that cannot sign in, and what opens no emergency, a
/// sentence each
/// @error NotFound "server.no_host"
Result<std::vector<std::string>> doubts_of(
    store::Connection& connection, const store::PolicyRecord& record) {
    THIMBLE_TRY(const auto policy, rollout::parse_policy(record.document, kAnyNumberOfHosts));
    std::set<std::string> doubts;
    std::optional<std::set<std::string>> tags_in_use;
    for (const rollout::HostQuery& query : queries_of(policy)) {
        THIMBLE_TRY(const auto gone, doubts_about_hosts(connection, query.hosts));
        doubts.insert(gone.begin(), gone.end());
        THIMBLE_TRY(const auto more, doubts_about(connection, query, tags_in_use));
        doubts.insert(more.begin(), more.end());
    }
    const auto of_emergency = rollout::emergency_doubts(policy);
    doubts.insert(of_emergency.begin(), of_emergency.end());
    std::set<std::string> owners;
    for (const rollout::PatchExclusion& exclusion : policy.exclusions) {
        owners.insert(exclusion.owner);
    }
    for (const rollout::Freeze& freeze : policy.freezes) {
        owners.insert(freeze.owner);
    }
    owners.erase("");
    for (const std::string& owner : owners) {
        THIMBLE_TRY(const auto more, doubts_about_owner(connection, owner));
        doubts.insert(more.begin(), more.end());
    }
    return std::vector<std::string>(doubts.begin(), doubts.end());
}

/// All or none.
Result<void> keep_all(
    Context& context, const Call& call, std::span<KeptPolicy> kept, const std::string& why) {
    return change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            for (KeptPolicy& one : kept) {
                const store::PolicyRecord& record = one.record;
                THIMBLE_TRY(one.doubts, doubts_of(connection, record));
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
    std::vector<KeptPolicy> kept;
    kept.reserve(items.size());
    for (const JsonValue& item : items) {
        JsonMembers parts(item);
        const std::string text = parts.text("text");
        THIMBLE_TRY(check_members(parts));
        THIMBLE_TRY(const store::PolicyRecord record, record_of(call, text));
        const bool is_twice = std::ranges::any_of(
            kept, [&](const KeptPolicy& other) { return other.record.name == record.name; });
        if (is_twice) {
            return bad_body("two of them are called \"" + record.name + "\"");
        }
        kept.push_back({record, {}});
    }
    THIMBLE_TRY(keep_all(context, call, kept, why));
    std::string text;
    JsonWriter json(text);
    json.open_object().key("policies").open_array();
    for (const auto& [record, doubts] : kept) {
        json.open_object().member("name", record.name);
        json.member("digest", record.digest);
        write_warnings(json, doubts);
        json.close_object();
    }
    json.close_array().close_object();
    return Answer(Response{200, "application/json", std::move(text), {}});
}

Result<Answer> set_policy(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string text = members.text("text");
    THIMBLE_TRY(const std::string why, checked_reason_or_none(members));
    KeptPolicy kept;
    THIMBLE_TRY(kept.record, record_of(call, text));
    if (kept.record.name != call.parameters.front()) {
        return bad_body("the text must be of the policy that the address names");
    }
    THIMBLE_TRY(keep_all(context, call, {&kept, 1}, why));
    Response response;
    JsonWriter json(response.body);
    json.open_object().member("digest", kept.record.digest);
    write_warnings(json, kept.doubts);
    json.close_object();
    return Answer(std::move(response));
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
