#include "thimble/base/json_writer.hpp"
#include "thimble/model/approval.hpp"
#include "thimble/rollout/emergency.hpp"
#include "thimble/rollout/explain.hpp"
#include "thimble/rollout/outlook.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/server/rollout_plans.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/rollouts.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace thimble::server {
namespace {

/// @error Denied "server.not_allowed": it has hosts of groups that the principal may not do this to
Result<void> check_groups(
    Context& context, const Call& call, Action action, std::span<const std::string> hosts) {
    for (const std::string& id : hosts) {
        const std::string group =
            context.roster.with([&](const Roster& roster) { return roster.group_of(id); });
        if (!allows(*call.principal, action, group)) {
            return failure(
                ErrorKind::Denied,
                "server.not_allowed",
                "it has hosts of groups that are not yours");
        }
    }
    return {};
}

std::vector<std::string> ids_of(const rollout::Rollout& state) {
    std::vector<std::string> ids;
    ids.reserve(state.hosts.size());
    for (const rollout::RolloutHost& host : state.hosts) {
        ids.push_back(host.id);
    }
    return ids;
}

/// Whether it has hosts that the principal sees.
bool may_see(Context& context, const Call& call, const rollout::Rollout& state) {
    return std::ranges::any_of(state.hosts, [&](const rollout::RolloutHost& host) {
        return allows(*call.principal, Action::Read, context.roster.with([&](const Roster& roster) {
            return roster.group_of(host.id);
        }));
    });
}

std::string json_of(const RolloutOrder& order) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("policy", order.policy);
    json.key("emergency").boolean(order.is_emergency).close_object();
    return text;
}

struct NamedAct {
    std::string_view name;
    bool needs_ring;
};
constexpr std::array kActs{
    NamedAct{"pause", false},
    NamedAct{"halt", false},
    NamedAct{"resume", false},
    NamedAct{"skip", true},
    NamedAct{"retry", true},
};

/// What a person asked for, as the engine takes it.
Result<rollout::Event> event_of(
    const std::string& act,
    const std::string& ring_name,
    const std::string& why,
    const rollout::Rollout& state) {
    const auto& rings = state.policy.rings;
    const auto ring = std::ranges::find(rings, ring_name, &rollout::RingRule::name);
    const auto* const named = std::ranges::find(kActs, act, &NamedAct::name);
    if (named == kActs.end()) {
        return bad_body("act must be pause, halt, resume, skip, retry or review");
    }
    if (named->needs_ring && ring == rings.end()) {
        return failure(
            ErrorKind::NotFound, "server.no_ring", "it has no ring \"" + ring_name + "\"");
    }
    const auto at = static_cast<std::size_t>(ring - rings.begin());
    if (act == "pause") {
        return rollout::Event(rollout::Paused{why});
    }
    if (act == "halt") {
        return rollout::Event(rollout::HaltedByPerson{why});
    }
    if (act == "resume") {
        return rollout::Event(rollout::Resumed{why});
    }
    if (act == "retry") {
        return rollout::Event(rollout::RingRetried{at});
    }
    return rollout::Event(rollout::RingSkipped{at});
}

Error not_so(std::string what) {
    return failure(ErrorKind::Conflict, "server.not_so", std::move(what));
}

/// A second person looks back on an emergency. Nothing is driven by it.
Result<void> close_review(
    store::Connection& connection,
    Trail& trail,
    const Call& call,
    const LiveRollout& live,
    const std::string& notes) {
    const std::string person = person_of(*call.principal);
    if (person == live.rollout.requester) {
        return failure(
            ErrorKind::Denied,
            "server.second_person",
            "who began an emergency cannot review it alone: somebody else closes the review");
    }
    const std::string& id = live.record.deployment_id;
    THIMBLE_TRY(
        const bool was_open,
        store::close_review(connection, id, {call.request.now, person, notes}));
    if (!was_open) {
        return not_so("it has no open review: only emergencies have one, and each is closed once");
    }
    return trail.note({call.principal->actor, "rollout.review", id, "", "", notes});
}

/// What would change nothing, or hide why the rollout stands still, is refused.
Result<void> check_act(const rollout::Rollout& state, const rollout::Event& event) {
    using enum rollout::RolloutPhase;
    if (state.phase == Done || state.phase == Cancelled) {
        return not_so(
            "the rollout is " + std::string(rollout::rollout_phase_name(state.phase))
            + ": nothing more happens in it");
    }
    if (std::holds_alternative<rollout::Resumed>(event) && state.phase == Running) {
        return not_so("the rollout is running: there is nothing to resume");
    }
    if (std::holds_alternative<rollout::Paused>(event) && state.phase == Halted) {
        return not_so("the rollout is halted: resume it when that was looked after");
    }
    if (const auto* skipped = std::get_if<rollout::RingSkipped>(&event)) {
        const rollout::RingPhase phase = state.rings.at(skipped->ring).phase;
        const bool is_open =
            phase == rollout::RingPhase::Open || phase == rollout::RingPhase::Soaking;
        if (!is_open || state.frozen.empty()) {
            return not_so(
                state.frozen.empty() ? "the first ring is still being planned"
                                     : "that ring is not open");
        }
    }
    return {};
}

/// @error Denied "server.second_person"
Result<void> check_skip(const Call& call, const LiveRollout& live, const rollout::Event& event) {
    const auto* skipped = std::get_if<rollout::RingSkipped>(&event);
    if (skipped == nullptr) {
        return {};
    }
    std::string why = rollout::why_no_skip(
        live.rollout,
        skipped->ring,
        !live.record.opened_for.empty(),
        person_of(*call.principal),
        call.request.now);
    if (!why.empty()) {
        return failure(ErrorKind::Denied, "server.second_person", std::move(why));
    }
    return {};
}

/// That a word is not said a second time while it counts; a signature may follow it.
/// @error Conflict "server.approved_already"
Result<void> check_new_word(
    const LiveRollout& live, const std::string& person, bool is_signed, Instant now) {
    const auto said =
        std::ranges::find_if(live.rollout.approvals, [&](const rollout::Approval& approval) {
            return approval.person == person && rollout::is_good(approval, live.rollout, now);
        });
    if (said == live.rollout.approvals.end() || is_signed) {
        return {};
    }
    return failure(
        ErrorKind::Conflict,
        "server.approved_already",
        "you have approved this set already, at " + format_instant(said->at)
            + ": that word is good until "
            + format_instant(said->at + live.rollout.policy.approval.good_for));
}

/// That a person signed what is approved here. Whose signature it is, hosts find out: the server has no
/// keys of people, and its word would be worth nothing to a host that does not believe it.
Result<void> check_statement(
    const model::SignedApproval& given, const model::ApprovalStatement& wanted, Instant now) {
    const auto statement = model::parse_approval_statement(given.statement);
    if (!statement) {
        return bad_body(statement.error().text());
    }
    const bool is_that = statement->rollout == wanted.rollout && statement->frozen == wanted.frozen
        && statement->person == wanted.person;
    if (!is_that || statement->expires_at <= now
        || given.signature.size() > model::kMaxSignatureBytes) {
        return bad_body(
            is_that ? "the statement has expired, or its signature is too long"
                    : "the statement is about another rollout, set or person (" + wanted.person
                    + " is signed in)");
    }
    return {};
}

/// Why the policy leaves a package as it is; empty: it does not.
std::string exclusion_of(const LiveRollout& live, std::string_view package) {
    const auto& all = live.rollout.policy.exclusions;
    const auto one = std::ranges::find(all, package, &rollout::PatchExclusion::package);
    if (one == all.end() || live.rollout.began >= one->until) {
        return "";
    }
    return "the policy leaves " + one->package + " as it is until " + format_date(one->until) + " ("
        + one->owner + ": " + one->why + ")";
}

/// What the engine does not know: another deployment has the host.
std::string sentence_of(
    const LiveRollout& live, std::size_t host, const rollout::Explanation& explanation) {
    const std::string& why = live.rows[host].why;
    const bool is_free = explanation.stage == rollout::HostStage::Waiting
        && explanation.hold.reason == rollout::HoldReason::None;
    return is_free && !why.empty() ? why : explanation.sentence;
}

/// What was asked about a source package of a host.
struct AskedPackage {
    std::string source;  ///< empty: none was named
    std::optional<bool> is_carried;
};

/// What is kept of one host beside its state.
struct HostPast {
    std::vector<store::KeptHooks> hooks;
    std::vector<store::RolloutDeferral> deferrals;
};

Result<HostPast> past_of(
    store::Connection& connection, const std::string& id, const std::string& host_id) {
    HostPast past;
    THIMBLE_TRY(past.hooks, store::hooks_of(connection, id, host_id));
    THIMBLE_TRY(past.deferrals, store::deferrals_of(connection, id));
    std::erase_if(
        past.deferrals, [&](const store::RolloutDeferral& one) { return one.host_id != host_id; });
    return past;
}

/// What the policy wants around a change of its hosts, and what became of it on this one.
void write_hooks(
    JsonWriter& json,
    std::span<const model::OwnerHook> named,
    std::span<const store::KeptHooks> ran) {
    json.key("hooks").open_array();
    for (const model::OwnerHook& hook : named) {
        json.open_object().member("step", model::hook_step_name(hook.step));
        json.member("name", hook.name).key("limit_seconds").number(hook.limit.count());
        json.member("on_failure", model::hook_failure_name(hook.on_failure)).close_object();
    }
    json.close_array().key("hooks_ran").open_array();
    for (const store::KeptHooks& kept : ran) {
        json.open_object()
            .member("around", kept.kind)
            .member("since", format_instant(kept.created_at));
        json.key("hooks").written(kept.hooks).close_object();
    }
    json.close_array();
}

/// What its owner knows, and how often it was put off.
void write_notice(
    JsonWriter& json, const LiveRollout& live, std::size_t host, const HostPast& past) {
    const Instant noticed = live.rollout.hosts[host].noticed_at;
    json.member_or_null("noticed_at", noticed == Instant() ? "" : format_instant(noticed));
    json.key("deferrals_allowed").number(live.rollout.policy.notice.deferrals);
    json.key("deferrals").open_array();
    for (const store::RolloutDeferral& one : past.deferrals) {
        json.open_object().member("until", format_instant(one.until));
        json.member("person", one.person).member("why", one.why);
        json.member("at", format_instant(one.deferred_at)).close_object();
    }
    json.close_array();
}

std::string json_of(
    const LiveRollout& live,
    std::size_t host,
    const rollout::Explanation& explanation,
    const HostPast& past,
    const AskedPackage& package) {
    // What the rollout waits for does not matter to what it does not bring.
    const bool is_apart = !package.is_carried.value_or(true);
    std::string text;
    JsonWriter json(text);
    const rollout::RolloutHost& one = live.rollout.hosts[host];
    json.open_object().member("rollout", live.record.deployment_id);
    json.member("policy", live.record.policy).member("host_id", one.id);
    json.member("ring", live.rollout.policy.rings[one.ring].name);
    json.member("stage", rollout::host_stage_name(explanation.stage));
    json.member(
        "reason", is_apart ? "not-carried" : rollout::hold_reason_name(explanation.hold.reason));
    const bool is_known = !is_apart && explanation.hold.until != Instant();
    json.member_or_null("not_before", is_known ? format_instant(explanation.hold.until) : "");
    json.member(
        "sentence",
        is_apart ? "its frozen set has no source package " + package.source
                + " for this host: whatever becomes of it, that stays as it is"
                 : sentence_of(live, host, explanation));
    json.key("carries");
    if (package.is_carried) {
        json.boolean(*package.is_carried);
    } else {
        json.null();
    }
    json.member_or_null("excluded", exclusion_of(live, package.source));
    json.member_or_null("host_says", live.rows[host].why);
    write_notice(json, live, host, past);
    write_hooks(json, live.rollout.policy.hooks, past.hooks);
    json.member_or_null("plan_digest", live.rows[host].plan_digest).close_object();
    return text;
}

void write_words(JsonWriter& json, const rollout::Outlook& outlook) {
    json.key("approvals").open_array();
    for (const rollout::GivenWord& word : outlook.words) {
        json.open_object().member("person", word.person);
        json.member("at", format_instant(word.at));
        json.member("good_until", format_instant(word.good_until));
        json.key("counts").boolean(word.counts).close_object();
    }
    json.close_array();
    json.key("approvals_needed").number(static_cast<std::int64_t>(outlook.words_needed));
    json.key("approvals_given").number(static_cast<std::int64_t>(outlook.words_given));
    json.member_or_null("approvals_before_ring", outlook.before_ring);
    json.key("approval_good_seconds").number(outlook.good_for.count());
}

std::string json_of(
    const std::string& id,
    const rollout::Policy& policy,
    const rollout::Outlook& outlook,
    Instant now) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("rollout", id);
    write_words(json, outlook);
    json.member("reboots", rollout::reboot_rule_name(policy.reboot.rule));
    json.member("services", policy.restart_services ? "restart" : "leave");
    json.key("windows").number(static_cast<std::int64_t>(policy.windows.size()));
    json.key("window");
    if (outlook.window) {
        json.open_object().key("open").boolean(outlook.window->has(now));
        json.member("from", format_instant(outlook.window->begin));
        json.member("until", format_instant(outlook.window->end)).close_object();
    } else {
        json.null();
    }
    json.key("next");
    if (outlook.next) {
        const bool is_known = outlook.next->not_before != Instant();
        json.open_object().member("reason", rollout::hold_reason_name(outlook.next->reason));
        json.member_or_null("not_before", is_known ? format_instant(outlook.next->not_before) : "");
        json.key("hosts").number(static_cast<std::int64_t>(outlook.next->hosts));
        json.member("sentence", outlook.next->sentence).close_object();
    } else {
        json.null();
    }
    json.close_object();
    return text;
}

}  // namespace

Result<Answer> create_rollout(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    RolloutOrder order;
    order.id = random_id();
    order.policy = members.text("policy");
    order.is_emergency = !members.is_null("emergency") && members.boolean("emergency");
    order.requester = person_of(*call.principal);
    order.host_group = call.principal->host_group;
    THIMBLE_TRY(order.why, checked_reason(members));
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(const auto hosts, host_facts(connection));
            THIMBLE_TRY(
                const auto planned,
                plan_rollout(context, connection, order, hosts, call.request.now));
            THIMBLE_TRY(check_groups(context, call, Action::Operate, ids_of(planned.rollout)));
            THIMBLE_TRY(keep_rollout(connection, order, planned));
            THIMBLE_TRY(trail.note(
                {call.principal->actor,
                 "rollout.create",
                 order.id,
                 "",
                 json_of(order),
                 order.why}));
            return drive_rollout(context, connection, trail, order.id, rollout::Ticked{});
        }));
    Response response{201, "application/json", "", {}};
    JsonWriter json(response.body);
    json.open_object().member("id", order.id).close_object();
    return Answer(response);
}

Result<Answer> act_on_rollout(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string act = members.text("act");
    const std::string ring = members.text_or_null("ring");
    THIMBLE_TRY(const std::string why, checked_reason(members));
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(
                const LiveRollout live, live_rollout(context, connection, id, call.request.now));
            THIMBLE_TRY(check_groups(context, call, Action::Operate, ids_of(live.rollout)));
            if (act == "review") {
                return close_review(connection, trail, call, live, why);
            }
            THIMBLE_TRY(const rollout::Event event, event_of(act, ring, why, live.rollout));
            THIMBLE_TRY(check_act(live.rollout, event));
            THIMBLE_TRY(check_skip(call, live, event));
            THIMBLE_TRY(trail.note({call.principal->actor, "rollout." + act, id, "", "", why}));
            return drive_rollout(context, connection, trail, id, event);
        }));
    return Answer(Response{204, "", "", {}});
}

Result<Answer> approve_rollout(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string frozen = members.text("frozen");
    const model::SignedApproval given{
        members.text_or_null("statement"), members.text_or_null("signature")};
    THIMBLE_TRY(const std::string why, checked_reason_or_none(members));
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(
                const LiveRollout live, live_rollout(context, connection, id, call.request.now));
            THIMBLE_TRY(check_groups(context, call, Action::Approve, ids_of(live.rollout)));
            const std::string person = person_of(*call.principal);
            if (live.rollout.requester == person) {
                return failure(
                    ErrorKind::Denied,
                    "server.second_person",
                    "who began a rollout cannot approve it: somebody else must");
            }
            THIMBLE_TRY(check_act(live.rollout, rollout::Ticked{}));
            if (frozen.empty() || frozen != live.rollout.frozen) {
                return failure(
                    ErrorKind::Conflict,
                    "server.not_that_set",
                    live.rollout.frozen.empty()
                        ? "the first ring is still being planned: there is nothing to approve yet"
                        : "the frozen set of this rollout is " + live.rollout.frozen);
            }
            THIMBLE_TRY(check_new_word(live, person, !given.signature.empty(), call.request.now));
            THIMBLE_TRY(
                trail.note({call.principal->actor, "rollout.approve", id, "", frozen, why}));
            if (!given.signature.empty()) {
                const std::string& name = call.principal->account.name;
                THIMBLE_TRY(check_statement(given, {id, frozen, name, {}, {}}, call.request.now));
                THIMBLE_TRY(store::set_signature(
                    connection,
                    id,
                    {name, frozen, given.statement, given.signature, call.request.now}));
            }
            return drive_rollout(context, connection, trail, id, rollout::Approved{person, frozen});
        }));
    return Answer(Response{204, "", "", {}});
}

Result<Answer> show_outlook(Context& context, const Call& call) {
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(const LiveRollout live, context.database.look([&](store::Connection& connection) {
        return live_rollout(context, connection, id, call.request.now);
    }));
    if (!may_see(context, call, live.rollout)) {
        return failure(ErrorKind::NotFound, "server.no_rollout", "there is no such rollout");
    }
    const rollout::Outlook outlook =
        rollout::outlook_of(live.rollout, live.openings, call.request.now, live.elsewhere);
    return Answer(Response{
        200, "application/json", json_of(id, live.rollout.policy, outlook, call.request.now), {}});
}

Result<Answer> explain_rollout(Context& context, const Call& call) {
    const std::string& id = call.parameters[0];
    const std::string& host_id = call.parameters[1];
    THIMBLE_TRY(const LiveRollout live, context.database.look([&](store::Connection& connection) {
        return live_rollout(context, connection, id, call.request.now);
    }));
    const auto host = std::ranges::find(live.rollout.hosts, host_id, &rollout::RolloutHost::id);
    const std::string group =
        context.roster.with([&](const Roster& roster) { return roster.group_of(host_id); });
    if (host == live.rollout.hosts.end() || !allows(*call.principal, Action::Read, group)) {
        return failure(ErrorKind::NotFound, "server.no_host", "the rollout has no host " + host_id);
    }
    const auto at = static_cast<std::size_t>(host - live.rollout.hosts.begin());
    AskedPackage package{std::string(call.request.target.query_value("patch")), {}};
    HostPast past;
    THIMBLE_TRY(context.database.look([&](store::Connection& connection) -> Result<void> {
        if (!package.source.empty()) {
            THIMBLE_TRY(
                package.is_carried, carries(connection, live.record, host_id, package.source));
        }
        THIMBLE_TRY(past, past_of(connection, id, host_id));
        return {};
    }));
    return Answer(Response{
        200,
        "application/json",
        json_of(
            live,
            at,
            rollout::explain(
                live.rollout,
                at,
                rollout::Holds(live.rollout, live.openings, call.request.now, live.elsewhere),
                call.request.now),
            past,
            package),
        {}});
}

}  // namespace thimble::server
