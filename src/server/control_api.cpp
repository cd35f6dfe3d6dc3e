#include "thimble/base/json_writer.hpp"
#include "thimble/fleet/judge_host.hpp"
#include "thimble/server/control_course.hpp"
#include "thimble/server/control_document.hpp"
#include "thimble/server/control_scope.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/server/rollout_course.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <span>
#include <utility>

namespace thimble::server {
namespace {

using rollout::ControlEvent;
using rollout::ControlState;

constexpr std::size_t kMostCovered = 200;
constexpr std::size_t kMaxTextBytes = 1000;
constexpr std::int64_t kVerifySeconds = 3600;
constexpr std::int64_t kLeastVerifySeconds = 60;
constexpr std::int64_t kMostVerifySeconds = std::int64_t{30} * 24 * 3600;
constexpr Days kLongest{90};
constexpr Days kLongestInKev{14};

Error not_so(std::string what) {
    return failure(ErrorKind::Conflict, "server.not_so", std::move(what));
}

/// @error Denied "server.not_allowed": it has hosts of groups that the principal may not do this to
Result<void> check_groups(
    Context& context, const Call& call, Action action, std::span<const store::ControlHost> hosts) {
    for (const store::ControlHost& host : hosts) {
        const std::string group = context.roster.with(
            [&](const Roster& roster) { return roster.group_of(host.host_id); });
        const bool is_over = host.state == rollout::control_state_name(ControlState::Retired);
        if (!is_over && !allows(*call.principal, action, group)) {
            return failure(
                ErrorKind::Denied,
                "server.not_allowed",
                "it has hosts of groups that are not yours");
        }
    }
    return {};
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
        record.host_group == kEveryGroup ? "it reaches hosts of every group; you are limited to one"
                                         : "it is for hosts of the group " + record.host_group);
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
        if (word.find(',') != std::string::npos) {
            return bad_body("no item of " + std::string(name) + " has a comma");
        }
    }
    return words;
}

Result<std::string> sentence_of(JsonMembers& members, std::string_view name) {
    std::string text = members.text_or_null(name);
    if (text.size() > kMaxTextBytes || text.find('\0') != std::string::npos) {
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
    record.retirement = members.is_null("retirement") ? "propose" : members.text("retirement");
    if (!rollout::retirement_rule_named(record.retirement)) {
        return bad_body(R"(retirement is "propose" or "remove")");
    }
    THIMBLE_TRY(record.expires_at, instant_of(members, "expires_at"));
    return {};
}

/// A member that is misspelt would leave a control wider than was meant.
Result<JsonValue> request_of(const Call& call) {
    static constexpr std::array<std::string_view, 12> kNames{
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
    if (record.covers.empty()) {
        return bad_body("covers names at least one vulnerability");
    }
    THIMBLE_TRY(record.vector, sentence_of(members, "vector"));
    THIMBLE_TRY(record.residual_risk, sentence_of(members, "residual_risk"));
    THIMBLE_TRY(read_terms(members, record));
    record.requested_at = record.since = call.request.now;
    record.state = rollout::control_state_name(ControlState::Proposed);
    return record;
}

/// At most 90 days, 14 when something that it covers is exploited.
Result<void> check_expiry(Context& context, const store::ControlRecord& record, Instant now) {
    const auto catalog =
        context.fleet.with([](const IndexedFleet& fleet) { return fleet.catalog(); });
    Days most = kLongest;
    for (const std::string& id : record.covers) {
        THIMBLE_TRY(const auto facts, fleet::facts_of(catalog.get(), id));
        most = facts.kev ? kLongestInKev : most;
    }
    if (record.expires_at <= now || record.expires_at > now + most) {
        return bad_body(
            most == kLongest ? "expires_at is at most 90 days ahead"
                             : "expires_at is at most 14 days ahead: it covers one of KEV");
    }
    return {};
}

std::string json_of(const store::ControlRecord& record) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("name", record.name).member("kind", record.kind);
    json.member("digest", record.digest);
    json.member("covers", std::span<const std::string>(record.covers));
    json.key("scope").written(record.scope);
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

Result<void> check_second_person(const Call& call, const store::ControlRecord& record) {
    return person_of(*call.principal) == record.requester
        ? Result<void>(failure(
              ErrorKind::Denied,
              "server.second_person",
              "who asked for a control cannot say yes to it: somebody else must"))
        : Result<void>();
}

Result<void> check_is_live(const store::ControlRecord& record) {
    const bool is_over = record.state == rollout::control_state_name(ControlState::Retiring)
        || record.state == rollout::control_state_name(ControlState::Retired);
    return is_over ? Result<void>(not_so("the control is " + record.state)) : Result<void>();
}

bool is_approved(const store::ControlRecord& record) {
    return record.approved_at != Instant{};
}

/// What a person does to a control.
struct ControlAct {
    std::string act;
    std::string host_id;  ///< empty: to all of its hosts
    std::string why;
    std::optional<Instant> until;  ///< of an attestation
};

Result<ControlAct> act_of(const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    ControlAct act;
    act.act = members.text("act");
    act.host_id = members.text_or_null("host_id");
    THIMBLE_TRY(act.why, checked_reason(members));
    if (!members.is_null("until")) {
        THIMBLE_TRY(act.until, instant_of(members, "until"));
    }
    return act;
}

/// Until when an attestation is good.
Result<Instant> attested_until(
    const store::ControlRecord& record, const ControlAct& act, Instant now) {
    if (record.kind != model::control_kind_name(model::ControlKind::External)) {
        return not_so("only what is outside of the hosts is attested; hosts prove the rest");
    }
    const std::chrono::seconds usual(
        act.host_id.empty() ? kMostVerifySeconds : record.verify_seconds);
    const Instant until = act.until.value_or(std::min(now + usual, record.expires_at));
    const bool is_for_one = !act.host_id.empty();
    const std::chrono::seconds most(is_for_one ? record.verify_seconds : kMostVerifySeconds);
    if (until <= now || until > record.expires_at || until > now + most) {
        return bad_body(
            is_for_one ? "until is ahead, within the interval of the control, and before its end"
                       : "until is ahead, at most 30 days, and before the end of the control");
    }
    return until;
}

Result<void> attest_host(
    ControlCourse& course, store::ControlHost& host, const ControlWord& word, Instant now) {
    host.installed_at = host.installed_at == Instant{} ? now : host.installed_at;
    host.last_verified = now;
    if (host.state == rollout::control_state_name(ControlState::Approved)) {
        THIMBLE_TRY(
            course.happen(host, ControlEvent::WasDeployed, {word.actor, "", "", "", word.why}));
    }
    return course.happen(host, ControlEvent::Holds, word);
}

/// Somebody saw that it is there; until then nobody else has to.
Result<void> attest(ControlCourse& course, const Call& call, const ControlAct& act) {
    const Instant now = call.request.now;
    THIMBLE_TRY(const Instant until, attested_until(course.record(), act, now));
    if (act.host_id.empty()) {
        course.change().verify_seconds = (until - now).count();  // of all its hosts
    }
    const ControlWord word{call.principal->actor, "attest", "holding", "", act.why};
    for (store::ControlHost& host : course.hosts()) {
        if (act.host_id.empty() || act.host_id == host.host_id) {
            THIMBLE_TRY(attest_host(course, host, word, now));
        }
    }
    return {};
}

/// Deployed again, or looked at now.
Result<void> do_again(ControlCourse& course, const Call& call, const ControlAct& act) {
    for (store::ControlHost& host : course.hosts()) {
        if (!act.host_id.empty() && act.host_id != host.host_id) {
            continue;
        }
        host.tried_at = Instant{};
        host.tries = 0;
        if (act.act == "deploy") {
            host.digest.clear();
        }
        THIMBLE_TRY(
            course.happen(host, std::nullopt, {call.principal->actor, "", "", "", act.why}));
    }
    return {};
}

Result<void> carry_out(ControlCourse& course, const Call& call, const ControlAct& act) {
    if (act.act == "retire") {
        const ControlWord word{call.principal->actor, "", "", "", act.why};
        store::ControlHost* const host = course.find_host(act.host_id);
        return host != nullptr ? course.happen(*host, ControlEvent::WasRetired, word)
                               : course.happen_everywhere(ControlEvent::WasRetired, word);
    }
    if (!is_approved(course.record())) {
        return not_so("nobody has approved the control yet");
    }
    if (act.act == "attest") {
        return attest(course, call, act);
    }
    if (act.act == "deploy" || act.act == "verify") {
        return do_again(course, call, act);
    }
    return bad_body("act must be deploy, verify, attest or retire");
}

/// What blocks was seen to detect first: what is benign there would have shown.
Result<void> check_has_detected(std::span<const store::ControlHost> hosts) {
    const bool has_detected = std::ranges::any_of(hosts, [](const store::ControlHost& host) {
        return host.state == rollout::control_state_name(ControlState::Verified);
    });
    return has_detected ? Result<void>()
                        : Result<void>(not_so("no host has shown yet that it detects the attack"));
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
    THIMBLE_TRY(check_groups(context, call, action, course.hosts()));
    THIMBLE_TRY(check_reach(call, action, course.record()));
    return course;
}

}  // namespace

Result<Answer> propose_control(Context& context, const Call& call) {
    THIMBLE_TRY(store::ControlRecord record, record_of(call));
    THIMBLE_TRY(check_expiry(context, record, call.request.now));
    THIMBLE_TRY(change_controls(
        context, call, [&](store::Connection& connection, Trail& trail) -> Result<void> {
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
            return check_groups(context, call, Action::Operate, course.hosts());
        }));
    Response response{201, "application/json", "", {}};
    JsonWriter json(response.body);
    json.open_object().member("id", record.id).member("digest", record.digest).close_object();
    return Answer(response);
}

Result<Answer> approve_control(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string digest = members.text("digest");
    THIMBLE_TRY(const std::string why, checked_reason_or_none(members));
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(change_controls(
        context, call, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(
                auto course, open_course(context, connection, trail, call, Action::Approve));
            THIMBLE_TRY(check_second_person(call, course.record()));
            if (course.record().state != rollout::control_state_name(ControlState::Proposed)) {
                return not_so("the control is " + course.record().state);
            }
            if (course.record().digest != digest) {
                return failure(
                    ErrorKind::Conflict,
                    "server.not_that_document",
                    "the digest of the control is " + course.record().digest);
            }
            const std::string& actor = call.principal->actor;
            THIMBLE_TRY(trail.note({actor, "control.approve", id, "", digest, why}));
            course.change().approver = person_of(*call.principal);
            course.change().approved_at = call.request.now;
            THIMBLE_TRY(
                course.happen_everywhere(ControlEvent::WasApproved, {actor, "", "", "", why}));
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
            THIMBLE_TRY(check_second_person(call, course.record()));
            THIMBLE_TRY(check_is_live(course.record()));
            THIMBLE_TRY(
                const ControlDocument document, parse_control_document(course.record().document));
            THIMBLE_TRY(const ControlDocument blocks, blocking(document));
            if (!is_approved(course.record()) || document.blocks) {
                return not_so(
                    document.blocks ? "it blocks already" : "nobody has approved the control yet");
            }
            THIMBLE_TRY(check_has_detected(course.hosts()));
            THIMBLE_TRY(trail.note(
                {call.principal->actor,
                 "control.enforce",
                 id,
                 document.digest,
                 blocks.digest,
                 why}));
            course.change().document = blocks.text;
            course.change().digest = blocks.digest;
            for (store::ControlHost& host : course.hosts()) {
                host.tries = 0;
            }
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
            THIMBLE_TRY(check_is_live(course.record()));
            if (!act.host_id.empty() && course.find_host(act.host_id) == nullptr) {
                return failure(
                    ErrorKind::NotFound, "server.no_host", "the control has no such host");
            }
            THIMBLE_TRY(
                trail.note({call.principal->actor, "control." + act.act, id, "", "", act.why}));
            THIMBLE_TRY(carry_out(course, call, act));
            return course.settle();
        }));
    return nothing_more();
}

}  // namespace thimble::server
