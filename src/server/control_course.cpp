#include "thimble/server/control_course.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/server/control_document.hpp"
#include "thimble/server/control_report.hpp"
#include "thimble/server/control_scope.hpp"
#include "thimble/server/lead.hpp"
#include "thimble/server/make_job.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/server/stored_document.hpp"
#include "thimble/store/fleet.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace thimble::server {
namespace {

using model::ControlReport;
using rollout::ControlEvent;
using rollout::ControlJob;
using rollout::ControlState;

constexpr std::chrono::hours kDeployWithin{24};
constexpr const char* kLeftScope = "no longer in its scope";
constexpr std::chrono::minutes kLeastVerifyTime{5};

ControlState state_of(const std::string& name) {
    return rollout::control_state_named(name).value_or(ControlState::Lapsed);
}

rollout::RetirementRule rule_of(const store::ControlRecord& record) {
    return rollout::retirement_rule_named(record.retirement)
        .value_or(rollout::RetirementRule::Propose);
}

/// What is on a device that no agent reaches has no jobs.
bool has_jobs(const store::ControlRecord& record) {
    return record.kind != model::control_kind_name(model::ControlKind::External);
}

rollout::ControlTerms terms_of(const store::ControlRecord& record) {
    const std::chrono::seconds interval(record.verify_seconds);
    return {
        interval,
        has_jobs(record) ? rollout::verification_slack(interval) : std::chrono::seconds(0),
        record.expires_at,
        rule_of(record)};
}

bool is_up(ControlState state) {
    return state == ControlState::Deployed || state == ControlState::Verified
        || state == ControlState::Lapsed;
}

rollout::ControlledHost facts_of(
    const store::ControlHost& host, const store::ControlRecord& record) {
    return {
        state_of(host.state),
        !host.job_id.empty(),
        host.digest == record.digest,
        static_cast<std::uint32_t>(host.tries),
        host.tried_at,
        std::max(host.installed_at, host.last_verified)};
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

/// Within which a host must have begun.
std::chrono::minutes time_for(ControlJob job, std::int64_t verify_seconds) {
    const auto interval =
        std::chrono::duration_cast<std::chrono::minutes>(std::chrono::seconds(verify_seconds));
    return job == ControlJob::Verify
        ? std::clamp<std::chrono::minutes>(interval, kLeastVerifyTime, kDeployWithin)
        : std::chrono::minutes(kDeployWithin);
}

/// What a control covers, as decisions see it.
prioritize::HostControl covering(const store::ControlRecord& record) {
    prioritize::HostControl control;
    control.id = record.id;
    control.name = record.name;
    control.kind = model::control_kind_named(record.kind).value_or(model::ControlKind::Monitoring);
    control.covers = record.covers;
    control.sources = record.sources;
    control.expires_at = record.expires_at;
    return control;
}

/// Why a control does not count on its host, whatever the finding.
std::optional<prioritize::ShieldRefusal> standing_refusal(
    const store::ControlRecord& record,
    const store::ControlHost& host,
    model::ControlKind kind,
    Instant now) {
    if (now >= record.expires_at) {
        return prioritize::ShieldRefusal::Expired;
    }
    if (state_of(host.state) != ControlState::Verified
        || !rollout::is_proven(terms_of(record), host.last_verified, now)) {
        return prioritize::ShieldRefusal::NotVerified;
    }
    if (!host.bypass.empty()) {
        return prioritize::ShieldRefusal::Bypassed;
    }
    if (kind == model::ControlKind::VirtualPatch && host.mode != "block") {
        return prioritize::ShieldRefusal::DetectOnly;
    }
    return std::nullopt;
}

std::string joined(std::span<const std::string> texts) {
    std::string all;
    for (const std::string& text : texts) {
        all.append(all.empty() ? "" : "; ").append(text);
    }
    return all;
}

/// What a job is about, as its host was told; none: no control.
std::optional<protocol::JobControl> control_of_job(const store::Job& job) {
    const auto envelope = protocol::parse_envelope(job.envelope);
    auto content =
        envelope ? protocol::parse_job(envelope->content) : Result<protocol::Job>(envelope.error());
    return content ? std::move(content->control) : std::nullopt;
}

/// The report of a job, if one came and it is of that job: another host, an earlier job or another document proves
/// nothing here.
Result<std::optional<ControlReport>> report_of(
    store::Connection& connection, const store::Job& job, const std::string& digest) {
    if (digest.empty()) {
        return std::optional<ControlReport>();
    }
    const auto text = stored_document(connection, digest);
    if (!text && text.error().kind == ErrorKind::Unavailable) {
        return text.error();
    }
    auto report = text ? model::parse_control_report(*text) : Result<ControlReport>(text.error());
    const auto asked = control_of_job(job);
    const bool is_that = report && asked && report->job == job.id && report->id == asked->id
        && report->digest == asked->digest
        && std::string(model::control_action_name(report->action)) + "-control" == job.kind;
    return is_that ? std::optional(*std::move(report)) : std::optional<ControlReport>();
}

/// What a host has said, kept with its control.
void take_in(
    store::ControlHost& host,
    const std::optional<ControlReport>& report,
    const std::string& digest) {
    if (!report) {
        return;
    }
    host.evidence = digest;
    host.mode = report->mode ? model::shield_mode_name(*report->mode) : "";
    host.bypass = joined(report->bypass);
}

/// How often in a row deploying or removing did not succeed, and when something did.
void count(
    store::ControlHost& host,
    std::string_view job_kind,
    std::optional<ControlEvent> event,
    Instant now) {
    const bool is_verification = job_kind == "verify-control";
    host.tried_at = now;
    if (event == ControlEvent::WasDeployed || event == ControlEvent::WasRemoved) {
        host.tries = 0;
    } else if (!is_verification) {
        ++host.tries;
    }
    if (event == ControlEvent::WasDeployed) {
        host.installed_at = now;
    }
    if (event == ControlEvent::Holds) {
        host.last_verified = now;
    }
}

}  // namespace

Result<ControlCourse> ControlCourse::open(
    Context& context, store::Connection& connection, Trail& trail, const std::string& id) {
    THIMBLE_TRY(auto record, store::control_of(connection, id));
    if (!record) {
        return failure(ErrorKind::NotFound, "server.no_control", "there is no such control");
    }
    ControlCourse course(context, connection, trail);
    course.record_ = *std::move(record);
    THIMBLE_TRY(course.hosts_, store::hosts_of_control(connection, id));
    return course;
}

store::ControlHost* ControlCourse::find_host(std::string_view id) {
    const auto found = std::ranges::find(hosts_, id, &store::ControlHost::host_id);
    return found == hosts_.end() ? nullptr : &*found;
}

Result<void> ControlCourse::happen(
    store::ControlHost& host, std::optional<ControlEvent> event, const ControlWord& word) {
    const ControlState before = state_of(host.state);
    const ControlState after =
        event ? rollout::next_state(before, *event, rule_of(record_)) : before;
    THIMBLE_TRY(move(host, after, word));
    if (before != after && after == ControlState::Retiring) {
        host.tries = 0;
        THIMBLE_TRY(withdraw_job(host));
        if (!has_jobs(record_)) {
            return happen(host, ControlEvent::WasRemoved, word);
        }
    }
    return store::set_control_host(connection_, host);
}

Result<void> ControlCourse::move(
    store::ControlHost& host, ControlState state, const ControlWord& word) {
    const std::string before = std::exchange(host.state, rollout::control_state_name(state));
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

Result<void> ControlCourse::happen_everywhere(ControlEvent event, const ControlWord& word) {
    const ControlState state =
        rollout::next_state(state_of(record_.state), event, rule_of(record_));
    if (rollout::control_state_name(state) != record_.state) {
        record_.state = rollout::control_state_name(state);
        record_.since = trail_.now();
    }
    for (store::ControlHost& host : hosts_) {
        THIMBLE_TRY(happen(host, event, word));
    }
    return {};
}

Result<void> ControlCourse::withdraw_job(store::ControlHost& host) {
    if (host.job_id.empty()) {
        return {};
    }
    THIMBLE_TRY(store::finish_job(connection_, host.job_id, host.host_id, trail_.now()));
    trail_.tell({{}, {host.job_id}});
    host.job_id.clear();
    return {};
}

Result<void> ControlCourse::follow_scope(std::span<const rollout::HostFacts> candidates) {
    const ControlState own = state_of(record_.state);
    if (own == ControlState::Retiring || own == ControlState::Retired) {
        return {};
    }
    THIMBLE_TRY(const JsonValue value, parse_json(record_.scope));
    THIMBLE_TRY(const rollout::HostQuery scope, parse_control_scope(value));
    const auto is_in = [&](const rollout::HostFacts& facts) {
        return rollout::matches(scope, facts)
            && (record_.host_group == kEveryGroup || record_.host_group == facts.group);
    };
    const ControlState first =
        own == ControlState::Proposed ? ControlState::Proposed : ControlState::Approved;
    for (store::ControlHost& host : hosts_) {
        const auto facts =
            std::ranges::lower_bound(candidates, host.host_id, {}, &rollout::HostFacts::id);
        const bool is_there = facts != candidates.end() && facts->id == host.host_id;
        if (!is_there || !is_in(*facts)) {
            THIMBLE_TRY(leave_scope(host, is_there));
        } else {
            THIMBLE_TRY(come_back(host, first));
        }
    }
    std::set<std::string> known;
    std::ranges::transform(hosts_, std::inserter(known, known.end()), &store::ControlHost::host_id);
    for (const rollout::HostFacts& facts : candidates) {
        if (is_in(facts) && !known.contains(facts.id)) {
            const store::ControlHost& added = hosts_.emplace_back(store::ControlHost{
                record_.id,
                facts.id,
                std::string(rollout::control_state_name(first)),
                trail_.now()});
            THIMBLE_TRY(store::set_control_host(connection_, added));
        }
    }
    return {};
}

/// A host that only left the scope gets the control again.
Result<void> ControlCourse::come_back(store::ControlHost& host, ControlState first) {
    if (state_of(host.state) != ControlState::Retired || host.why != kLeftScope) {
        return {};
    }
    host = {
        record_.id, host.host_id, std::string(rollout::control_state_name(first)), trail_.now()};
    return store::set_control_host(connection_, host);
}

/// @param is_there  it can still be asked to take the control away
Result<void> ControlCourse::leave_scope(store::ControlHost& host, bool is_there) {
    const ControlState state = state_of(host.state);
    if (state == ControlState::Retired || (is_there && state == ControlState::Retiring)) {
        return {};
    }
    if (is_there) {
        return happen(host, ControlEvent::WasRetired, {"server", "", "", "", kLeftScope});
    }
    THIMBLE_TRY(withdraw_job(host));
    THIMBLE_TRY(move(host, ControlState::Retired, {"server", "", "", "", "the host is gone"}));
    return store::set_control_host(connection_, host);
}

Result<void> ControlCourse::settle() {
    const bool is_halted =
        context_.roster.with([](const Roster& roster) { return roster.halt().halted; });
    const Instant now = trail_.now();
    if (now >= record_.expires_at) {
        const ControlState after = rollout::next_state(
            state_of(record_.state), ControlEvent::HasExpired, rule_of(record_));
        record_.state = rollout::control_state_name(after);
    }
    for (store::ControlHost& host : hosts_) {
        THIMBLE_TRY(settle_host(host, is_halted));
    }
    std::vector<ControlState> states;
    states.reserve(hosts_.size());
    for (const store::ControlHost& host : hosts_) {
        states.push_back(state_of(host.state));
    }
    const std::string after(
        rollout::control_state_name(rollout::state_of_control(state_of(record_.state), states)));
    THIMBLE_TRY(const auto before, store::control_of(connection_, record_.id));
    record_.state = after;
    if (!before || before->state != after) {
        record_.since = now;
    }
    return before == record_ ? Result<void>() : store::set_control(connection_, record_);
}

Result<void> ControlCourse::settle_host(store::ControlHost& host, bool is_halted) {
    const Instant now = trail_.now();
    if (const auto event = rollout::due_event(facts_of(host, record_), terms_of(record_), now)) {
        const bool has_expired = *event == ControlEvent::HasExpired;
        THIMBLE_TRY(happen(
            host,
            event,
            {"server",
             "",
             "",
             "",
             has_expired ? "it has expired" : "it was not proven within its interval"}));
        if (has_expired && is_up(state_of(host.state))) {
            host.removal_proposed_at = now;
            THIMBLE_TRY(store::set_control_host(connection_, host));
        }
    }
    const auto job = has_jobs(record_)
        ? rollout::due_job(facts_of(host, record_), terms_of(record_), now)
        : std::optional<ControlJob>();
    return job && (!is_halted || *job == ControlJob::Verify) ? give_job(host, *job)
                                                             : Result<void>();
}

Result<void> ControlCourse::give_job(store::ControlHost& host, ControlJob job) {
    const bool is_deployment = job == ControlJob::Deploy;
    JobOrder order;
    order.kind = kind_of(job);
    order.host_id = host.host_id;
    order.created_by = "server";
    order.good_for = time_for(job, record_.verify_seconds);
    order.control = protocol::JobControl{
        record_.id,
        is_deployment || host.digest.empty() ? record_.digest : host.digest,
        is_deployment ? record_.document : ""};
    THIMBLE_TRY(store::Job made, make_job(connection_, context_.authority, order, trail_.now()));
    host.job_id = made.id;
    trail_.tell({{std::move(made)}, {}});
    return store::set_control_host(connection_, host);
}

Result<void> take_control_end(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const store::Job& job,
    const JobReport& report) {
    THIMBLE_TRY(const auto known, store::control_host_of_job(connection, job.id));
    if (!known) {
        return {};
    }
    THIMBLE_TRY(auto course, ControlCourse::open(context, connection, trail, known->control_id));
    store::ControlHost& host = *course.find_host(known->host_id);
    THIMBLE_TRY(const auto said, report_of(connection, job, report.document));
    const auto event = event_of({job.kind, report.outcome == "done", report.exit_status, said});
    host.job_id.clear();
    take_in(host, said, report.document);
    if (host.mode != known->mode || host.bypass != known->bypass) {
        THIMBLE_TRY(store::doubt_judgement(connection, host.host_id));  // it may count otherwise
    }
    count(host, job.kind, event, trail.now());
    if (event == ControlEvent::WasDeployed) {
        host.digest = said->digest;  // what it has, which is not always what is wanted by now
    }
    const std::string action = job.kind.substr(0, job.kind.find('-'));
    ControlWord word{"host:" + host.host_id, action, report.outcome, report.document, ""};
    if (said) {
        word.said = model::control_outcome_name(said->state);
        word.why = first_doubt(*said);
        if (word.why.empty() && host.why == kLeftScope) {
            word.why = kLeftScope;  // it may come back
        }
    } else {
        word.why = report.text.substr(0, report.text.find('\n'));
    }
    THIMBLE_TRY(course.happen(host, event, word));
    return course.settle();
}

Result<void> lose_control_job(
    Context& context, store::Connection& connection, Trail& trail, const store::Job& job) {
    THIMBLE_TRY(const auto known, store::control_host_of_job(connection, job.id));
    if (!known) {
        return {};
    }
    THIMBLE_TRY(auto course, ControlCourse::open(context, connection, trail, known->control_id));
    store::ControlHost& host = *course.find_host(known->host_id);
    THIMBLE_TRY(const bool has_begun, store::has_begun(connection, job.id));
    host.job_id.clear();
    host.tried_at = trail.now();
    if (has_begun && job.kind != protocol::job_kind_name(protocol::JobKind::VerifyControl)) {
        ++host.tries;
    }
    THIMBLE_TRY(course.happen(host, std::nullopt, {"server", "", "", "", "its host said nothing"}));
    return course.settle();
}

Result<void> note_needed_controls(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const std::string& host_id,
    std::span<const std::string> needed) {
    THIMBLE_TRY(const auto rows, store::controls_of_host(connection, host_id));
    if (rows.empty()) {
        return {};
    }
    THIMBLE_TRY(const auto sights, store::first_sights_of(connection, host_id));
    for (const store::ControlHost& row : rows) {
        THIMBLE_TRY(auto course, ControlCourse::open(context, connection, trail, row.control_id));
        const bool was_open = std::ranges::any_of(sights, [&](const store::FirstSight& sight) {
            return prioritize::covers(covering(course.record()), sight.vulnerability, sight.source);
        });
        const bool is_needed = std::ranges::binary_search(needed, row.control_id) || !was_open;
        THIMBLE_TRY(course.take_reason(*course.find_host(host_id), is_needed));
    }
    return {};
}

Result<void> ControlCourse::take_reason(store::ControlHost& host, bool is_needed) {
    const bool is_live =
        is_up(state_of(host.state)) || state_of(host.state) == ControlState::Approved;
    const bool has_expired = trail_.now() >= record_.expires_at;
    if (is_needed && host.removal_proposed_at != Instant{} && !has_expired) {
        host.removal_proposed_at = Instant{};
        return store::set_control_host(connection_, host);
    }
    if (is_needed || !is_live || host.removal_proposed_at != Instant{}) {
        return {};
    }
    const ControlWord word{"server", "", "", "", "nothing that it covers is open there any more"};
    host.removal_proposed_at = trail_.now();
    THIMBLE_TRY(happen(host, ControlEvent::PatchIsLive, word));
    if (is_up(state_of(host.state))) {
        THIMBLE_TRY(trail_.note(
            {word.actor,
             "control.removal-proposed",
             record_.id,
             "",
             json_of(host.host_id, host.state),
             word.why}));
    }
    return settle();
}

Result<std::vector<prioritize::HostControl>> controls_on_host(
    store::Connection& connection, const std::string& host_id, Instant now) {
    THIMBLE_TRY(const auto rows, store::controls_of_host(connection, host_id));
    std::vector<prioritize::HostControl> controls;
    controls.reserve(rows.size());
    for (const store::ControlHost& row : rows) {
        THIMBLE_TRY(const auto record, store::control_of(connection, row.control_id));
        if (!record) {
            continue;
        }
        const auto document = parse_control_document(record->document);
        prioritize::HostControl& control = controls.emplace_back(covering(*record));
        control.closes_listener = document && document->closes_listener;
        control.refusal = standing_refusal(*record, row, control.kind, now);
    }
    return controls;
}

Result<void> watch_controls(Context& context, Instant now) {
    THIMBLE_TRY(const auto controls, context.database.look([](store::Connection& connection) {
        return store::live_controls(connection);
    }));
    if (controls.empty()) {
        return {};
    }
    THIMBLE_TRY(const auto candidates, context.database.look([](store::Connection& connection) {
        return host_facts(connection);
    }));
    std::optional<Error> first;
    bool has_moved = false;
    for (const store::ControlRecord& control : controls) {
        auto done =
            change(context, now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
                THIMBLE_TRY(check_lead(context, connection));
                THIMBLE_TRY(
                    auto course, ControlCourse::open(context, connection, trail, control.id));
                THIMBLE_TRY(course.follow_scope(candidates));
                THIMBLE_TRY(course.settle());
                has_moved = has_moved || !trail.entries().empty();
                return {};
            });
        if (!done && !first) {
            first = std::move(done).error();
        }
    }
    if (has_moved) {
        context.documents_changed();  // who judges the hosts
    }
    return first ? Result<void>(*std::move(first)) : Result<void>();
}

}  // namespace thimble::server
