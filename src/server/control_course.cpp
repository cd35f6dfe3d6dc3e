#include "thimble/server/control_course.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/fleet/judge_host.hpp"
#include "thimble/model/patch_exception.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/rollout/outside_verdict.hpp"
#include "thimble/server/control_facts.hpp"
#include "thimble/server/control_scope.hpp"
#include "thimble/server/make_job.hpp"
#include "thimble/server/rollout_course.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <utility>

namespace thimble::server {
namespace {

using rollout::ControlEvent;
using rollout::ControlJob;
using rollout::ControlState;

constexpr std::chrono::hours kRemoveWithin{24};
/// Its turn goes to another one when a host that is heard of does not begin.
constexpr std::chrono::hours kDeployWithin{1};
constexpr std::chrono::minutes kLeastVerifyTime{5};
constexpr const char* kComesBack = "in its scope again: it is put up anew once it is taken away";
constexpr const char* kStopped =
    "it failed, or did not hold, on more than one in twenty of the hosts that tried";

std::string name_of(ControlState state) {
    return std::string(rollout::control_state_name(state));
}

std::string json_of(const std::string& host_id, std::string_view state) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member_or_null("host", host_id).member("state", state).close_object();
    return text;
}

protocol::JobKind kind_of(ControlJob job) {
    switch (job) {
        case ControlJob::Deploy: return protocol::JobKind::DeployControl;
        case ControlJob::Verify: return protocol::JobKind::VerifyControl;
        case ControlJob::Remove: break;
    }
    return protocol::JobKind::RemoveControl;
}

/// Within which a host must have begun. A first proof that does not come is asked for again soon.
std::chrono::minutes time_for(ControlJob job, std::int64_t verify_seconds, bool is_first_proof) {
    const std::chrono::seconds seconds(verify_seconds);
    const auto interval = std::chrono::duration_cast<std::chrono::minutes>(
        is_first_proof ? rollout::first_proof_pause(seconds) : seconds);
    switch (job) {
        case ControlJob::Deploy: return kDeployWithin;
        case ControlJob::Verify:
            return std::clamp<std::chrono::minutes>(interval, kLeastVerifyTime, kRemoveWithin);
        case ControlJob::Remove: break;
    }
    return kRemoveWithin;
}

std::string json_of(const store::ControlTally& tally) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("up").number(tally.up).key("failed").number(tally.failed);
    json.key("did_not_hold").number(tally.unproven).close_object();
    return text;
}

std::string json_of_end(const std::string& end) {
    std::string text;
    JsonWriter(text).open_object().member("expires_at", end).close_object();
    return text;
}

bool is_halted(const Context& context) {
    return context.roster.with([](const Roster& roster) { return roster.halt().halted; });
}

/// Who was never given it has nothing to take away.
bool was_never_put_up(const store::ControlHost& host) {
    return host.installed_at == Instant{} && host.tried_at == Instant{} && host.digest.empty()
        && host.job_kind.empty();
}

/// Its removal is proposed when it expires, also where it lapsed before, which expiry does not move.
bool awaits_proposal(const store::ControlHost& host) {
    return is_control_up(control_state_of(host.state)) && host.removal_proposed_at == Instant{};
}

ControlWord word_of(
    ControlEvent event, const store::ControlHost& host, const store::ControlRecord& record) {
    if (event == ControlEvent::HasExpired) {
        return {"server", "", "", "", "it has expired"};
    }
    std::string why = has_control_jobs(record)
        ? "it was not proven since "
            + format_instant(std::max(host.last_verified, host.installed_at))
        : "its attestation ended at " + format_instant(host.attested_until);
    return {"server", "", "", "", std::move(why)};
}

}  // namespace

Result<bool> covers_kev(const Context& context, const store::ControlRecord& record) {
    const auto catalog =
        context.fleet.with([](const IndexedFleet& fleet) { return fleet.catalog(); });
    for (const std::string& id : record.covers) {
        THIMBLE_TRY(const auto facts, fleet::facts_of(catalog.get(), id));
        if (facts.kev) {
            return true;
        }
    }
    return false;
}

Result<ControlCourse> ControlCourse::open(
    Context& context, store::Connection& connection, Trail& trail, const std::string& id) {
    THIMBLE_TRY(auto record, store::control_of(connection, id));
    if (!record) {
        return failure(
            ErrorKind::NotFound,
            "server.no_control",
            "there is no control \"" + id + "\": thimble control list");
    }
    ControlCourse course(context, connection, trail);
    course.kept_ = *record;
    course.record_ = *std::move(record);
    return course;
}

Result<void> ControlCourse::happen(
    store::ControlHost& host, std::optional<ControlEvent> event, const ControlWord& word) {
    const ControlState before = control_state_of(host.state);
    const ControlState after =
        event ? rollout::next_state(before, *event, retirement_rule_of(record_)) : before;
    THIMBLE_TRY(move(host, after, word));
    // A refused place that got through is remembered until it is seen to be refused, or the control is put up anew.
    const bool is_open = after == ControlState::Lapsed
        && host.outside == rollout::outside_verdict_name(rollout::OutsideVerdict::Open);
    if (before != after && after != ControlState::Verified && !is_open) {
        THIMBLE_TRY(forget_outside(host));
    }
    if (before != after && after == ControlState::Retiring) {
        host.tries = 0;
        const bool is_nowhere = was_never_put_up(host);
        THIMBLE_TRY(withdraw_job(host));
        if (is_nowhere || !has_control_jobs(record_)) {
            return happen(host, ControlEvent::WasRemoved, word);
        }
    }
    set_due(host);
    return store::set_control_host(connection_, host);
}

void ControlCourse::set_due(store::ControlHost& host) const {
    const auto facts = controlled_host(host, record_);
    const auto terms = terms_of(record_);
    host.due_at = rollout::next_look(facts, terms, trail_.now()).value_or(store::kNever);
    if (awaits_proposal(host)) {
        host.due_at = std::min(host.due_at, std::max(record_.expires_at, trail_.now()));
    }
    host.turn_at = has_control_jobs(record_)
        ? rollout::next_change(facts, terms, trail_.now()).value_or(store::kNever)
        : store::kNever;
}

Result<void> ControlCourse::move(
    store::ControlHost& host, ControlState state, const ControlWord& word) {
    const std::string before = std::exchange(host.state, name_of(state));
    host.why = word.why;
    if (!word.action.empty()) {
        THIMBLE_TRY(store::add_control_check(
            connection_,
            {record_.id,
             host.host_id,
             trail_.now(),
             word.action,
             word.said,
             host.state,
             word.actor,
             word.document,
             word.why}));
    }
    if (before == host.state) {
        return {};
    }
    host.since = trail_.now();
    THIMBLE_TRY(store::doubt_judgement(connection_, host.host_id));
    return trail_.note(
        {word.actor,
         "control." + host.state,
         record_.id,
         json_of(host.host_id, before),
         json_of(host.host_id, host.state),
         word.why});
}

Result<void> ControlCourse::approve() {
    record_.state = name_of(ControlState::Approved);
    record_.since = trail_.now();
    store::ControlMove move;
    move.from = {name_of(ControlState::Proposed)};
    move.to = record_.state;
    move.since = trail_.now();
    move.due_at = record_.expires_at;
    move.turn_at = has_control_jobs(record_) ? trail_.now() : store::kNever;
    return store::move_control_hosts(connection_, record_.id, move);
}

Result<void> ControlCourse::retire(const ControlWord& word) {
    record_.state = name_of(rollout::next_state(
        control_state_of(record_.state), ControlEvent::WasRetired, retirement_rule_of(record_)));
    record_.since = trail_.now();
    THIMBLE_TRY(auto busy, store::busy_control_hosts(connection_, record_.id));
    for (store::ControlHost& host : busy) {
        THIMBLE_TRY(happen(host, ControlEvent::WasRetired, word));
    }
    store::ControlMove gone;
    gone.from = {name_of(ControlState::Proposed), name_of(ControlState::Approved)};
    gone.to = name_of(ControlState::Retired);
    gone.since = trail_.now();
    gone.why = word.why;
    gone.due_at = store::kNever;
    gone.is_untouched = true;
    store::ControlMove going = gone;
    going.from = {
        name_of(ControlState::Approved),
        name_of(ControlState::Deployed),
        name_of(ControlState::Verified),
        name_of(ControlState::Lapsed)};
    going.is_untouched = false;
    if (has_control_jobs(record_)) {
        going.to = name_of(ControlState::Retiring);
        going.turn_at = trail_.now();
    }
    THIMBLE_TRY(store::move_control_hosts(connection_, record_.id, gone));
    return store::move_control_hosts(connection_, record_.id, going);
}

Result<void> ControlCourse::end_at(Instant end) {
    record_.expires_at = end;
    return store::set_control_end(connection_, record_.id, end);
}

Result<void> ControlCourse::shorten() {
    const Instant latest = trail_.now() + model::kLongestExploitedException;
    if (record_.approved_at == Instant{} || record_.expires_at <= latest) {
        return {};
    }
    THIMBLE_TRY(const bool is_exploited, covers_kev(context_, record_));
    if (!is_exploited) {
        return {};
    }
    const std::string before = format_instant(record_.expires_at);
    THIMBLE_TRY(end_at(latest));
    return trail_.note(
        {"server",
         "control.shorten",
         record_.id,
         json_of_end(before),
         json_of_end(format_instant(latest)),
         "what it covers is in KEV: 14 days at most are left"});
}

Result<void> ControlCourse::withdraw_job(store::ControlHost& host) {
    if (host.job_id.empty()) {
        return {};
    }
    THIMBLE_TRY(store::finish_job(connection_, host.job_id, host.host_id, trail_.now()));
    trail_.tell({{}, {host.job_id}});
    host.job_id.clear();
    host.job_kind.clear();
    return {};
}

Result<void> ControlCourse::follow_scope(std::span<const rollout::HostFacts> candidates) {
    THIMBLE_TRY(const auto hosts, store::hosts_of_control(connection_, record_.id));
    std::set<std::string> ids;
    std::ranges::transform(hosts, std::inserter(ids, ids.end()), &store::ControlHost::host_id);
    std::ranges::transform(candidates, std::inserter(ids, ids.end()), &rollout::HostFacts::id);
    for (const std::string& id : ids) {
        const auto facts = std::ranges::lower_bound(candidates, id, {}, &rollout::HostFacts::id);
        const bool is_there = facts != candidates.end() && facts->id == id;
        const auto host = std::ranges::lower_bound(hosts, id, {}, &store::ControlHost::host_id);
        const bool is_known = host != hosts.end() && host->host_id == id;
        THIMBLE_TRY(follow(
            id, is_known ? std::optional(*host) : std::nullopt, is_there ? &*facts : nullptr));
    }
    return {};
}

Result<void> ControlCourse::follow_host(
    const std::string& host_id, const rollout::HostFacts* facts) {
    THIMBLE_TRY(auto host, store::control_host_of(connection_, record_.id, host_id));
    return follow(host_id, std::move(host), facts);
}

Result<void> ControlCourse::follow_host(const std::string& host_id) {
    THIMBLE_TRY(const auto found, store::candidates_among(connection_, {host_id}));
    if (found.empty()) {
        return follow_host(host_id, nullptr);
    }
    const rollout::HostFacts facts = facts_of(found.front());
    return follow_host(host_id, &facts);
}

Result<void> ControlCourse::follow(
    const std::string& host_id,
    std::optional<store::ControlHost> host,
    const rollout::HostFacts* facts) {
    const ControlState own = control_state_of(record_.state);
    // What is taken away from all hosts comes to no further one, but is not waited for where the host is gone.
    if (own == ControlState::Retired || (own == ControlState::Retiring && facts != nullptr)) {
        return {};
    }
    THIMBLE_TRY(const bool is_in, is_in_scope(facts));
    if (host && !is_in) {
        return leave_scope(*host, facts != nullptr);
    }
    if (host) {
        return host->left_scope ? come_back(*host) : Result<void>();
    }
    return is_in ? enter_scope(host_id) : Result<void>();
}

Result<bool> ControlCourse::is_in_scope(const rollout::HostFacts* facts) {
    if (facts == nullptr
        || (record_.host_group != kEveryGroup && record_.host_group != facts->group)) {
        return false;
    }
    if (!scope_) {
        THIMBLE_TRY(const JsonValue value, parse_json(record_.scope));
        THIMBLE_TRY(scope_, parse_control_scope(value));
    }
    return rollout::matches(*scope_, *facts);
}

Result<void> ControlCourse::enter_scope(const std::string& host_id) {
    // What hosts outside said of it before is of another installation.
    THIMBLE_TRY(store::forget_control_probes(connection_, record_.id, host_id));
    const bool is_asked_for = control_state_of(record_.state) == ControlState::Proposed;
    store::ControlHost host{
        record_.id,
        host_id,
        name_of(is_asked_for ? ControlState::Proposed : ControlState::Approved),
        trail_.now()};
    set_due(host);
    return store::set_control_host(connection_, host);
}

/// A host that only left the scope gets the control again, once it is taken away: half of a removal is no known state.
Result<void> ControlCourse::come_back(store::ControlHost& host) {
    if (control_state_of(host.state) == ControlState::Retired) {
        return enter_scope(host.host_id);
    }
    host.why = kComesBack;
    return store::set_control_host(connection_, host);
}

/// @param is_there  it can still be asked to take the control away
Result<void> ControlCourse::leave_scope(store::ControlHost& host, bool is_there) {
    const ControlState state = control_state_of(host.state);
    if (state == ControlState::Retired) {
        return {};
    }
    if (is_there && state == ControlState::Retiring) {
        host.why = host.left_scope ? kLeftScope : host.why;  // it had come back
        return store::set_control_host(connection_, host);
    }
    // What goes for another reason does not come back.
    host.left_scope = host.left_scope || state != ControlState::Retiring;
    if (is_there) {
        return happen(host, ControlEvent::WasRetired, {"server", "", "", "", kLeftScope});
    }
    THIMBLE_TRY(withdraw_job(host));
    THIMBLE_TRY(move(host, ControlState::Retired, {"server", "", "", "", "the host is gone"}));
    set_due(host);
    return store::set_control_host(connection_, host);
}

Result<void> ControlCourse::settle_host(store::ControlHost& host) {
    const Instant now = trail_.now();
    const auto terms = terms_of(record_);
    if (!host.outside.empty() && is_control_up(control_state_of(host.state))) {
        THIMBLE_TRY(
            const bool has_moved,
            store::was_asked_elsewhere(connection_, record_.id, host.host_id));
        if (has_moved) {
            THIMBLE_TRY(doubt_answers(host));
        }
    }
    if (const auto event = rollout::due_event(controlled_host(host, record_), terms, now)) {
        if (!has_control_jobs(record_)) {
            host.tried_at = now;  // that it ended is said now; the first reminder comes later
        }
        THIMBLE_TRY(happen(host, event, word_of(*event, host, record_)));
    }
    if (now >= record_.expires_at && awaits_proposal(host)) {
        host.removal_proposed_at = now;
    }
    // It changes nothing, so that it is done in a halt, too: else a halt would let every control lapse.
    const bool is_due = rollout::is_look_due(controlled_host(host, record_), terms, now);
    if (is_due && has_control_jobs(record_)) {
        THIMBLE_TRY(give_job(host, ControlJob::Verify));
    } else if (is_due) {
        host.tried_at = now;
        ++reminders_;
    }
    set_due(host);
    return store::set_control_host(connection_, host);
}

Result<void> ControlCourse::give_turns() {
    if (is_halted(context_) || !has_control_jobs(record_)) {
        return {};
    }
    THIMBLE_TRY(const bool waits_to_go, waits(true));
    THIMBLE_TRY(const bool waits_to_come, waits(false));
    if (!waits_to_go && !waits_to_come) {
        return {};
    }
    THIMBLE_TRY(const auto tally, store::tally_of_control(connection_, record_.id, record_.digest));
    const rollout::ControlTurns turns = rollout::next_turns(
        {tally.up,
         tally.proven,
         tally.unproven,
         tally.lapsed,
         tally.failed,
         tally.deploying,
         tally.removing},
        record_.at_once);
    THIMBLE_TRY(give_turns_to(true, turns.removals));
    if (turns.is_stopped && record_.stopped_why.empty()) {
        record_.stopped_why = kStopped;
        THIMBLE_TRY(trail_.note(
            {"server", "control.stop", record_.id, "", json_of(tally), record_.stopped_why}));
    }
    return record_.stopped_why.empty() ? give_turns_to(false, turns.deployments) : Result<void>();
}

Result<void> ControlCourse::give_turn_alone(store::ControlHost& host) {
    const auto job =
        rollout::due_change(controlled_host(host, record_), terms_of(record_), trail_.now());
    if (is_halted(context_) || job != ControlJob::Deploy) {
        return failure(
            ErrorKind::Conflict,
            "server.not_so",
            job ? "everything is halted: thimble halt end, then once more"
                : "it has expired: ask for another one, thimble control request FILE");
    }
    THIMBLE_TRY(give_job(host, *job));
    set_due(host);
    return store::set_control_host(connection_, host);
}

Result<bool> ControlCourse::waits(bool is_removal) {
    if (!is_removal && !record_.stopped_why.empty()) {
        return false;
    }
    THIMBLE_TRY(
        const auto first,
        store::hosts_awaiting_turn(connection_, {record_.id, is_removal, trail_.now()}, 1));
    return !first.empty();
}

Result<void> ControlCourse::give_turns_to(bool is_removal, std::int64_t most) {
    if (most <= 0) {
        return {};
    }
    THIMBLE_TRY(
        auto hosts,
        store::hosts_awaiting_turn(connection_, {record_.id, is_removal, trail_.now()}, most));
    for (store::ControlHost& host : hosts) {
        if (const auto job = rollout::due_change(
                controlled_host(host, record_), terms_of(record_), trail_.now())) {
            THIMBLE_TRY(give_job(host, *job));
        }
        set_due(host);
        THIMBLE_TRY(store::set_control_host(connection_, host));
    }
    return {};
}

Result<void> ControlCourse::remind() {
    const std::int64_t hosts = std::exchange(reminders_, 0);
    if (hosts == 0) {
        return {};
    }
    std::string text;
    JsonWriter(text).open_object().key("hosts").number(hosts).close_object();
    return trail_.note(
        {"server",
         "control.remind",
         record_.id,
         "",
         std::move(text),
         "its attestation has ended: attest it again, or retire it"});
}

Result<void> ControlCourse::settle_whole() {
    THIMBLE_TRY(remind());
    const Instant now = trail_.now();
    THIMBLE_TRY(const auto words, store::states_of_control_hosts(connection_, record_.id));
    std::vector<ControlState> states;
    states.reserve(words.size());
    std::ranges::transform(words, std::back_inserter(states), control_state_of);
    // Where a person decides, it is not over as long as it is put up anywhere.
    const bool waits_for_person = retirement_rule_of(record_) == rollout::RetirementRule::Propose
        && std::ranges::any_of(states, is_control_up);
    if (now >= record_.expires_at && !waits_for_person) {
        record_.state = name_of(rollout::next_state(
            control_state_of(record_.state),
            ControlEvent::HasExpired,
            retirement_rule_of(record_)));
    }
    record_.state = name_of(rollout::state_of_control(control_state_of(record_.state), states));
    if (record_.state != kept_.state) {
        record_.since = now;
    }
    if (record_ == kept_) {
        return {};
    }
    kept_ = record_;
    return store::set_control(connection_, record_);
}

Result<void> ControlCourse::settle() {
    THIMBLE_TRY(give_turns());
    return settle_whole();
}

Result<void> ControlCourse::give_job(store::ControlHost& host, ControlJob job) {
    const bool is_deployment = job == ControlJob::Deploy;
    JobOrder order;
    order.kind = kind_of(job);
    order.host_id = host.host_id;
    order.created_by = "server";
    order.good_for = time_for(
        job, record_.verify_seconds, control_state_of(host.state) == ControlState::Deployed);
    order.control = protocol::JobControl{
        record_.id,
        is_deployment || host.digest.empty() ? record_.digest : host.digest,
        is_deployment ? record_.document : ""};
    THIMBLE_TRY(store::Job made, make_job(connection_, context_.authority, order, trail_.now()));
    host.job_id = made.id;
    host.job_kind = made.kind;
    trail_.tell({{std::move(made)}, {}});
    return {};
}

}  // namespace thimble::server
