#include "thimble/client/rollouts.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/client/fleet_page.hpp"

#include <utility>

namespace thimble::client {

Result<void> set_policy(
    const FleetContext& context,
    const std::string& name,
    const std::string& text,
    const std::string& why) {
    std::string body;
    JsonWriter(body).open_object().member("text", text).member_or_null("why", why).close_object();
    THIMBLE_TRY(call_api(context, {"PUT", "/api/v1/policies/" + encoded(name), std::move(body)}));
    return {};
}

Result<void> remove_policy(const FleetContext& context, const std::string& name) {
    THIMBLE_TRY(call_api(context, {"DELETE", "/api/v1/policies/" + encoded(name)}));
    return {};
}

Result<std::string> policy_text(const FleetContext& context, const std::string& name) {
    THIMBLE_TRY(
        const std::string item, call_api(context, {"GET", "/api/v1/policies/" + encoded(name)}));
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
        const std::string made, call_api(context, {"POST", "/api/v1/rollouts", std::move(body)}));
    return parse_answer_member(made, "id");
}

Result<void> act_on_rollout(const FleetContext& context, const RolloutAct& act) {
    std::string body;
    JsonWriter json(body);
    json.open_object().member("act", act.act).member_or_null("ring", act.ring);
    json.member("why", act.why).close_object();
    THIMBLE_TRY(call_api(
        context, {"POST", "/api/v1/rollouts/" + encoded(act.rollout) + "/acts", std::move(body)}));
    return {};
}

Result<void> approve_rollout(
    const FleetContext& context,
    const std::string& rollout,
    const std::string& frozen,
    const model::SignedApproval& signed_by,
    const std::string& why) {
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("frozen", frozen)
        .member_or_null("statement", signed_by.statement)
        .member_or_null("signature", signed_by.signature)
        .member_or_null("why", why)
        .close_object();
    THIMBLE_TRY(call_api(
        context, {"POST", "/api/v1/rollouts/" + encoded(rollout) + "/approvals", std::move(body)}));
    return {};
}

Result<std::string> rollout_explanation(
    const FleetContext& context,
    const std::string& rollout,
    const std::string& host_id,
    const std::string& patch) {
    std::string path = "/api/v1/rollouts/" + encoded(rollout) + "/hosts/" + encoded(host_id);
    if (!patch.empty()) {
        path += "?patch=" + encoded(patch);
    }
    return call_api(context, {"GET", std::move(path)});
}

}  // namespace thimble::client
