#include "thimble/base/json_writer.hpp"
#include "thimble/model/vulnerability_id.hpp"
#include "thimble/server/control_acts.hpp"
#include "thimble/server/control_document.hpp"
#include "thimble/server/control_scope.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/known_names.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/server/rollout_course.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>

namespace thimble::server {
namespace {

using rollout::ControlState;

constexpr std::size_t kMostCovered = 200;
constexpr std::size_t kMaxTextBytes = 1000;
constexpr std::int64_t kVerifySeconds = 3600;
constexpr std::int64_t kLeastVerifySeconds = 60;
constexpr std::int64_t kAtOnce = 20;
constexpr std::int64_t kMostAtOnce = 10'000;

/// @error Denied "server.not_allowed": it has hosts of groups that the principal may not do this to
Result<void> check_groups(
    store::Connection& connection, const Call& call, Action action, const std::string& control) {
    THIMBLE_TRY(const auto groups, store::groups_of_control(connection, control));
    const bool is_allowed = std::ranges::all_of(
        groups, [&](const std::string& group) { return allows(*call.principal, action, group); });
    return is_allowed
        ? Result<void>()
        : Result<void>(failure(
              ErrorKind::Denied,
              "server.not_allowed",
              "it has hosts of groups that are not yours: somebody of every group can, "
              "thimble users"));
}

/// Hosts that come into its scope later get it, too: so the right must reach as far as its scope does.
/// @error Denied "server.not_allowed"
Result<void> check_reach(const Call& call, Action action, const store::ControlRecord& record) {
    if (allows(*call.principal, action, record.host_group)) {
        return {};
    }
    return failure(
        ErrorKind::Denied,
        "server.not_allowed",
        (record.host_group == kEveryGroup
             ? "it reaches hosts of every group; you are limited to one"
             : "it is for hosts of the group " + record.host_group)
            + ": ask somebody who may, thimble users");
}

/// Texts of a list that may be left out; none may have a comma, since lists of them are kept so.
Result<std::vector<std::string>> words_of(JsonMembers& members, std::string_view name) {
    std::vector<std::string> words;
    if (!members.is_null(name)) {
        words = members.texts(name);
    }
    THIMBLE_TRY(check_members(members));
    if (words.size() > kMostCovered) {
        return bad_body(std::string(name) + " has at most 200 items");
    }
    for (std::string& word : words) {
        THIMBLE_TRY(word, checked_name(word, name));
        if (word.contains(',')) {
            return bad_body("no item of " + std::string(name) + " has a comma");
        }
    }
    return words;
}

Result<std::string> sentence_of(JsonMembers& members, std::string_view name) {
    std::string text = members.text_or_null(name);
    if (text.size() > kMaxTextBytes || text.contains('\0')) {
        return bad_body(std::string(name) + " has at most 1000 bytes, and no NUL");
    }
    return text;
}

Result<Instant> instant_of(JsonMembers& members, std::string_view name) {
    const std::string text = members.text(name);
    THIMBLE_TRY(check_members(members));
    const auto instant = parse_instant(text);
    return instant ? *instant
                   : Result<Instant>(bad_body(std::string(name) + " is an instant of RFC 3339"));
}

/// How it is looked at: its interval, and what happens when its reason is gone.
Result<void> read_terms(JsonMembers& members, store::ControlRecord& record) {
    THIMBLE_TRY(
        record.verify_seconds,
        checked_number(members, "verify_seconds", kVerifySeconds, kMostVerifySeconds));
    if (record.verify_seconds < kLeastVerifySeconds) {
        return bad_body("verify_seconds is at least 60");
    }
    THIMBLE_TRY(record.at_once, checked_number(members, "at_once", kAtOnce, kMostAtOnce));
    record.retirement = members.is_null("retirement") ? "propose" : members.text("retirement");
    if (!rollout::retirement_rule_named(record.retirement)) {
        return bad_body(R"(retirement is "propose" or "remove")");
    }
    THIMBLE_TRY(record.expires_at, instant_of(members, "expires_at"));
    return {};
}

/// A member that is misspelt would leave a control wider than was meant.
Result<JsonValue> request_of(const Call& call) {
    static constexpr std::array<std::string_view, 13> kNames{
        "name",
        "owner",
        "document",
        "covers",
        "sources",
        "scope",
        "vector",
        "residual_risk",
        "verify_seconds",
        "expires_at",
        "retirement",
        "at_once",
        "why"};
    THIMBLE_TRY(JsonValue body, body_of(call.request));
    for (const auto& [name, value] : std::get<JsonValue::Object>(body.value)) {
        if (std::ranges::find(kNames, name) == kNames.end()) {
            return bad_body("a control has no \"" + name + "\"");
        }
    }
    return body;
}

/// What a person asks for.
Result<store::ControlRecord> record_of(const Call& call) {
    THIMBLE_TRY(const JsonValue body, request_of(call));
    JsonMembers members(body);
    store::ControlRecord record;
    record.id = random_id();
    const std::string name = members.text("name");
    const std::string owner = members.text_or_null("owner");
    const JsonValue& document = members.member("document");
    const JsonValue& scope = members.member("scope");
    THIMBLE_TRY(record.why, checked_reason(members));
    THIMBLE_TRY(record.name, checked_name(name, "name"));
    record.requester = person_of(*call.principal);
    record.owner = owner.empty() ? record.requester : owner;
    THIMBLE_TRY(record.owner, checked_name(record.owner, "owner"));
    THIMBLE_TRY(const ControlDocument read, read_control_document(document));
    if (read.blocks && !read.brings_rules) {
        return bad_body("a virtual patch goes out in mode detect first; then it is enforced");
    }
    record.kind = model::control_kind_name(read.kind);
    record.document = read.text;
    record.digest = read.digest;
    THIMBLE_TRY(const rollout::HostQuery hosts, parse_control_scope(scope));
    record.scope = format_control_scope(hosts);
    record.host_group = call.principal->host_group;
    THIMBLE_TRY(record.covers, words_of(members, "covers"));
    THIMBLE_TRY(record.sources, words_of(members, "sources"));
    for (std::string& id : record.covers) {
        THIMBLE_TRY(id, model::vulnerability_id_of(id));
    }
    if (record.covers.empty()) {
        return bad_body("covers names at least one vulnerability");
    }
    if (read.kind == model::ControlKind::Hardening && record.sources.empty()) {
        return bad_body("sources names the source packages whose service the hardening closes");
    }
    THIMBLE_TRY(record.vector, sentence_of(members, "vector"));
    THIMBLE_TRY(record.residual_risk, sentence_of(members, "residual_risk"));
    THIMBLE_TRY(read_terms(members, record));
    record.requested_at = record.since = call.request.now;
    record.state = rollout::control_state_name(ControlState::Proposed);
    return record;
}

std::string json_of(const store::ControlRecord& record) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("name", record.name).member("kind", record.kind);
    json.member("digest", record.digest);
    json.member("covers", std::span<const std::string>(record.covers));
    json.key("scope").written(record.scope);
    json.key("at_once").number(record.at_once);
    json.member("expires_at", format_instant(record.expires_at)).close_object();
    return text;
}

using ControlWork = std::function<Result<void>(store::Connection&, Trail&)>;

/// In one transaction; then the hosts are judged whose shields have changed.
Result<void> change_controls(Context& context, const Call& call, const ControlWork& work) {
    THIMBLE_TRY(change(context, call.request.now, work));
    context.documents_changed();
    return {};
}

Answer nothing_more() {
    return Response{204, "", "", {}};
}

Result<void> check_second_person(const Call& call, const std::string& asker) {
    return person_of(*call.principal) == asker
        ? Result<void>(failure(
              ErrorKind::Denied,
              "server.second_person",
              "who asked for a control, or for more time, cannot say yes to it: somebody else "
              "must"))
        : Result<void>();
}

Result<void> check_is_live(const store::ControlRecord& record) {
    const bool is_over = record.state == rollout::control_state_name(ControlState::Retiring)
        || record.state == rollout::control_state_name(ControlState::Retired);
    return is_over ? Result<void>(not_so(
                         "the control is " + record.state
                         + ": ask for another one, thimble control request FILE"))
                   : Result<void>();
}

bool is_approved(const store::ControlRecord& record) {
    return record.approved_at != Instant{};
}

Result<ControlAct> act_of(const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    ControlAct act;
    act.act = members.text("act");
    act.host_id = members.text_or_null("host_id");
    act.actor = call.principal->actor;
    act.person = person_of(*call.principal);
    THIMBLE_TRY(act.why, checked_reason(members));
    if (!members.is_null("until")) {
        THIMBLE_TRY(act.until, instant_of(members, "until"));
    }
    return act;
}

/// What blocks was seen to detect first: what is benign there would have shown.
Result<void> check_has_detected(store::Connection& connection, const std::string& control) {
    THIMBLE_TRY(const auto states, store::states_of_control_hosts(connection, control));
    const bool has_detected =
        std::ranges::find(states, rollout::control_state_name(ControlState::Verified))
        != states.end();
    return has_detected
        ? Result<void>()
        : Result<void>(
              not_so("no host has shown yet that it detects the attack: wait for its first "
                     "proof, thimble control show CONTROL"));
}

/// Who approves means one end: what is asked for may have changed since it was shown.
/// @param named  none: only where no other end can be asked for meanwhile
Result<void> check_date(const store::ControlRecord& record, std::optional<Instant> named) {
    const bool is_renewal = is_approved(record);
    const Instant asked = is_renewal ? record.renewal_until : record.expires_at;
    if (is_renewal && !named) {
        return bad_body("until names the end that is approved: " + format_instant(asked));
    }
    return !named || *named == asked
        ? Result<void>()
        : Result<void>(failure(
              ErrorKind::Conflict,
              "server.not_that_date",
              "the end that is asked for is " + format_instant(asked)));
}

/// More time was asked for, and somebody else says yes.
Result<void> renewed(const Context& context, ControlCourse& course, const Call& call) {
    store::ControlRecord& record = course.change();
    THIMBLE_TRY(check_is_live(record));
    if (call.request.now >= record.expires_at) {
        return not_so("it has expired: ask for another one, thimble control request FILE");
    }
    THIMBLE_TRY(check_control_end(context, record, record.renewal_until, call.request.now));
    THIMBLE_TRY(course.end_at(record.renewal_until));
    ++record.renewals;
    record.renewal_by.clear();
    record.renewal_until = Instant{};
    return {};
}

/// The control that the address names, of whoever may do this to all that it reaches.
Result<ControlCourse> open_course(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const Call& call,
    Action action) {
    THIMBLE_TRY(
        auto course, ControlCourse::open(context, connection, trail, call.parameters.front()));
    THIMBLE_TRY(check_groups(connection, call, action, course.record().id));
    THIMBLE_TRY(check_reach(call, action, course.record()));
    return course;
}

/// Hosts that it names are there, and its document names them by their ids: a host that is called otherwise later is the same one.
/// @return what of it is in doubt, a sentence each
/// @error NotFound "server.no_host"; Conflict "server.many_hosts"; Invalid "server.bad_control"
Result<std::vector<std::string>> settle_names(
    store::Connection& connection, store::ControlRecord& record) {
    THIMBLE_TRY(const JsonValue scope, parse_json(record.scope));
    THIMBLE_TRY(const rollout::HostQuery query, parse_control_scope(scope));
    THIMBLE_TRY(check_hosts_are_there(connection, query.hosts, record.host_group));
    THIMBLE_TRY(const ControlDocument document, parse_control_document(record.document));
    std::map<std::string, std::string> ids;
    for (const std::string& name : named_hosts(document)) {
        THIMBLE_TRY(ids[name], id_of_host(connection, name, record.host_group));
    }
    THIMBLE_TRY(
        const ControlDocument bound, parse_control_document(with_hosts(document, ids).text));
    record.document = bound.text;
    record.digest = bound.digest;
    std::optional<std::set<std::string>> tags_in_use;
    THIMBLE_TRY(auto doubts, doubts_about(connection, query, tags_in_use));
    THIMBLE_TRY(const auto of_owner, doubts_about_owner(connection, record.owner));
    doubts.insert(doubts.end(), of_owner.begin(), of_owner.end());
    return doubts;
}

}  // namespace

Result<Answer> propose_control(Context& context, const Call& call) {
    THIMBLE_TRY(store::ControlRecord record, record_of(call));
    THIMBLE_TRY(check_control_end(context, record, record.expires_at, call.request.now));
    std::vector<std::string> doubts;
    THIMBLE_TRY(change_controls(
        context, call, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(doubts, settle_names(connection, record));
            THIMBLE_TRY(store::add_control(connection, record));
            THIMBLE_TRY(trail.note(
                {call.principal->actor,
                 "control.propose",
                 record.id,
                 "",
                 json_of(record),
                 record.why}));
            THIMBLE_TRY(auto course, ControlCourse::open(context, connection, trail, record.id));
            THIMBLE_TRY(const auto candidates, host_facts(connection));
            THIMBLE_TRY(course.follow_scope(candidates));
            return check_groups(connection, call, Action::Operate, record.id);
        }));
    Response response{201, "application/json", "", {}};
    JsonWriter json(response.body);
    json.open_object().member("id", record.id).member("digest", record.digest);
    write_warnings(json, doubts);
    json.close_object();
    return Answer(response);
}

Result<Answer> approve_control(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string digest = members.text("digest");
    std::optional<Instant> until;
    if (!members.is_null("until")) {
        THIMBLE_TRY(until, instant_of(members, "until"));
    }
    THIMBLE_TRY(const std::string why, checked_reason_or_none(members));
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(change_controls(
        context, call, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(
                auto course, open_course(context, connection, trail, call, Action::Approve));
            const store::ControlRecord before = course.record();
            const bool is_new = before.state == rollout::control_state_name(ControlState::Proposed);
            if (!is_new && before.renewal_by.empty()) {
                return not_so(
                    "the control is " + before.state
                    + ", and nobody asks for more time: thimble control renew CONTROL asks");
            }
            THIMBLE_TRY(check_second_person(call, is_new ? before.requester : before.renewal_by));
            if (before.digest != digest) {
                return failure(
                    ErrorKind::Conflict,
                    "server.not_that_document",
                    "the digest of the control is " + before.digest);
            }
            THIMBLE_TRY(check_date(before, until));
            THIMBLE_TRY(is_new ? course.approve() : renewed(context, course, call));
            course.change().approver = person_of(*call.principal);
            course.change().approved_at = call.request.now;
            THIMBLE_TRY(trail.note(
                {call.principal->actor,
                 is_new ? "control.approve" : "control.renewed",
                 id,
                 json_of(before),
                 json_of(course.record()),
                 why}));
            return course.settle();
        }));
    return nothing_more();
}

Result<Answer> enforce_control(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    THIMBLE_TRY(const std::string why, checked_reason(members));
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(change_controls(
        context, call, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(
                auto course, open_course(context, connection, trail, call, Action::Approve));
            THIMBLE_TRY(check_second_person(call, course.record().requester));
            THIMBLE_TRY(check_is_live(course.record()));
            THIMBLE_TRY(
                const ControlDocument document, parse_control_document(course.record().document));
            THIMBLE_TRY(const ControlDocument blocks, blocking(document));
            if (!is_approved(course.record()) || document.blocks) {
                return not_so(
                    document.blocks ? "it blocks already: thimble control show CONTROL"
                                    : "nobody has approved the control yet: somebody else does, "
                                      "thimble control approve CONTROL");
            }
            THIMBLE_TRY(check_has_detected(connection, id));
            THIMBLE_TRY(trail.note(
                {call.principal->actor,
                 "control.enforce",
                 id,
                 document.digest,
                 blocks.digest,
                 why}));
            course.change().document = blocks.text;
            course.change().digest = blocks.digest;
            course.change().stopped_why.clear();
            THIMBLE_TRY(store::retry_control_hosts(
                connection, id, course.record().digest, call.request.now));
            return course.settle();
        }));
    return nothing_more();
}

Result<Answer> act_on_control(Context& context, const Call& call) {
    THIMBLE_TRY(const ControlAct act, act_of(call));
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(change_controls(
        context, call, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(
                auto course, open_course(context, connection, trail, call, Action::Operate));
            // What is being taken away may be taken away by a person, too: hosts may still have it.
            const bool is_said_again = act.act == "retire"
                && course.record().state == rollout::control_state_name(ControlState::Retiring);
            THIMBLE_TRY(is_said_again ? Result<void>() : check_is_live(course.record()));
            THIMBLE_TRY(
                trail.note({call.principal->actor, "control." + act.act, id, "", "", act.why}));
            THIMBLE_TRY(act_on(context, connection, course, act, call.request.now));
            return course.settle();
        }));
    return nothing_more();
}

}  // namespace thimble::server
