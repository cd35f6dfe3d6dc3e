#include "thimble/client/rollouts.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/client/fleet_page.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/client/short_id.hpp"

#include <utility>

namespace thimble::client {

Result<std::vector<std::string>> set_policies(
    const FleetContext& context, std::span<const std::string> texts, const std::string& why) {
    std::string body;
    JsonWriter json(body);
    json.open_object().key("policies").open_array();
    for (const std::string& text : texts) {
        json.open_object().member("text", text).close_object();
    }
    json.close_array().member_or_null("why", why).close_object();
    THIMBLE_TRY(
        const std::string kept, call_api(context, {"POST", "/api/v1/policies", std::move(body)}));
    THIMBLE_TRY(const JsonValue answer, parse_json(kept));
    std::vector<std::string> warnings;
    for (const JsonValue& policy : JsonMembers(answer).array("policies")) {
        const std::string name = member_text(policy, "name").value_or("");
        for (const std::string& warning : warnings_of(policy)) {
            warnings.emplace_back(name).append(": ").append(warning);
        }
    }
    return warnings;
}

Result<void> remove_policy(const FleetContext& context, const std::string& name) {
    THIMBLE_TRY(call_api(context, {"DELETE", "/api/v1/policies/" + encoded(name)}));
    return {};
}

Result<std::string> policy_text(const FleetContext& context, const std::string& name) {
    const auto item = call_api(context, {"GET", "/api/v1/policies/" + encoded(name)});
    if (!item && item.error().kind == ErrorKind::NotFound) {
        return failure(
            ErrorKind::NotFound,
            "client.no_policy",
            "the server keeps no policy \"" + name + "\": thimble policy");
    }
    return item ? parse_answer_member(*item, "text") : Result<std::string>(item.error());
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

Result<void> defer_host(const FleetContext& context, const Deferral& deferral) {
    std::string body;
    JsonWriter json(body);
    json.open_object().member("until", format_instant(deferral.until));
    json.member("why", deferral.why).close_object();
    THIMBLE_TRY(call_api(
        context,
        {"POST",
         "/api/v1/rollouts/" + encoded(deferral.rollout) + "/hosts/" + encoded(deferral.host_id)
             + "/deferrals",
         std::move(body)}));
    return {};
}

Result<JsonValue> rollout_outlook(const FleetContext& context, const std::string& rollout) {
    THIMBLE_TRY(
        const std::string text,
        call_api(context, {"GET", "/api/v1/rollouts/" + encoded(rollout) + "/outlook"}));
    return parse_json(text);
}

namespace {

std::string said(const JsonValue& value, std::string_view name) {
    return printable(member_text(value, name).value_or(""));
}

/// What the hosts of a rollout wait for, and how somebody ends that.
std::string next_lines(const JsonValue& next, const JsonValue& rollout) {
    const std::string sentence = said(next, "sentence");
    if (sentence.empty()) {
        return {};
    }
    const std::string hosts = said(next, "hosts");
    std::string out =
        "Next: " + sentence + " (" + hosts + (hosts == "1" ? " host waits" : " hosts wait") + ")\n";
    const std::string frozen = said(rollout, "frozen_digest");
    if (said(next, "reason") == "approval" && !frozen.empty()) {
        out += "  thimble rollout approve " + said(rollout, "id") + " --set "
            + frozen.substr(0, kShortestDigest) + "\n";
    }
    return out;
}

}  // namespace

std::string outlook_lines(const JsonValue& outlook, const JsonValue& rollout) {
    std::string out;
    const std::string needed = said(outlook, "approvals_needed");
    if (!needed.empty() && needed != "0") {
        out += "Approvals: " + said(outlook, "approvals_given") + " of " + needed + " before ring "
            + said(outlook, "approvals_before_ring") + "\n";
    }
    const JsonValue* words = member_of(outlook, "approvals");
    const auto* list = words == nullptr ? nullptr : std::get_if<JsonValue::Array>(&words->value);
    for (std::size_t at = 0; list != nullptr && at < list->size(); ++at) {
        const JsonValue& word = (*list)[at];
        out += "  " + said(word, "person") + " at " + said(word, "at")
            + (said(word, "counts") == "yes" ? ", good until " + said(word, "good_until")
                                             : ", which does not count (any more)")
            + "\n";
    }
    if (const JsonValue* window = member_of(outlook, "window");
        window != nullptr && !said(*window, "from").empty()) {
        out += said(*window, "open") == "yes"
            ? "Window: open until " + said(*window, "until") + "\n"
            : "Window: the next from " + said(*window, "from") + " until " + said(*window, "until")
                + "\n";
    }
    if (const JsonValue* next = member_of(outlook, "next"); next != nullptr) {
        out += next_lines(*next, rollout);
    }
    return out;
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
