#include "thimble/client/rollouts.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/client/api_connection.hpp"
#include "thimble/client/fleet_page.hpp"

#include <algorithm>
#include <utility>

namespace thimble::client {
namespace {

Result<std::string> asked(
    const FleetContext& context,
    const std::string& method,
    const std::string& path,
    std::string body = "") {
    ApiConnection connection = ApiConnection::open(context.url, context.authority);
    return connection.ask(
        {method, path, std::move(body), {"Authorization: Bearer " + context.token}});
}

/// What stands in an address as it is: ids, and names of policies.
Result<std::string> plain(const std::string& word) {
    const bool is_plain =
        !word.empty() && word.front() != '.' && std::ranges::all_of(word, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                || c == '-' || c == '_' || c == '.';
        });
    if (!is_plain) {
        return failure(ErrorKind::Invalid, "client.bad_id", "nothing is called \"" + word + "\"");
    }
    return word;
}

}  // namespace

Result<void> set_policy(
    const FleetContext& context,
    const std::string& name,
    const std::string& text,
    const std::string& why) {
    THIMBLE_TRY(const std::string path, plain(name));
    std::string body;
    JsonWriter(body).open_object().member("text", text).member_or_null("why", why).close_object();
    THIMBLE_TRY(asked(context, "PUT", "/api/v1/policies/" + path, std::move(body)));
    return {};
}

Result<void> remove_policy(const FleetContext& context, const std::string& name) {
    THIMBLE_TRY(const std::string path, plain(name));
    THIMBLE_TRY(asked(context, "DELETE", "/api/v1/policies/" + path));
    return {};
}

Result<std::string> policy_text(const FleetContext& context, const std::string& name) {
    THIMBLE_TRY(const std::string path, plain(name));
    THIMBLE_TRY(const std::string item, asked(context, "GET", "/api/v1/policies/" + path));
    return parse_answer_member(item, "text");
}

Result<std::string> begin_rollout(
    const FleetContext& context,
    const std::string& policy,
    bool is_emergency,
    const std::string& why) {
    std::string body;
    JsonWriter json(body);
    json.open_object().member("policy", policy).key("emergency").boolean(is_emergency);
    json.member("why", why).close_object();
    THIMBLE_TRY(
        const std::string made, asked(context, "POST", "/api/v1/rollouts", std::move(body)));
    return parse_answer_member(made, "id");
}

Result<void> act_on_rollout(const FleetContext& context, const RolloutAct& act) {
    THIMBLE_TRY(const std::string id, plain(act.rollout));
    std::string body;
    JsonWriter json(body);
    json.open_object().member("act", act.act).member_or_null("ring", act.ring);
    json.member("why", act.why).close_object();
    THIMBLE_TRY(asked(context, "POST", "/api/v1/rollouts/" + id + "/acts", std::move(body)));
    return {};
}

Result<void> approve_rollout(
    const FleetContext& context,
    const std::string& rollout,
    const std::string& frozen,
    const std::string& why) {
    THIMBLE_TRY(const std::string id, plain(rollout));
    std::string body;
    JsonWriter json(body);
    json.open_object().member("frozen", frozen).member_or_null("why", why).close_object();
    THIMBLE_TRY(asked(context, "POST", "/api/v1/rollouts/" + id + "/approvals", std::move(body)));
    return {};
}

Result<std::string> rollout_explanation(
    const FleetContext& context, const std::string& rollout, const std::string& host_id) {
    THIMBLE_TRY(const std::string id, plain(rollout));
    THIMBLE_TRY(const std::string host, plain(host_id));
    return asked(context, "GET", "/api/v1/rollouts/" + id + "/hosts/" + host);
}

}  // namespace thimble::client
