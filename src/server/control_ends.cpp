// What the ends of jobs and the judgements of hosts mean for controls: of each the row of one host.
#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/rollout/outside_verdict.hpp"
#include "thimble/server/control_course.hpp"
#include "thimble/server/control_document.hpp"
#include "thimble/server/control_facts.hpp"
#include "thimble/server/control_job.hpp"
#include "thimble/server/control_report.hpp"
#include "thimble/store/fleet.hpp"

#include <algorithm>
#include <utility>

namespace thimble::server {
namespace {

using model::ControlReport;
using rollout::ControlEvent;
using rollout::ControlState;

std::string joined(std::span<const std::string> texts) {
    std::string all;
    for (const std::string& text : texts) {
        all.append(all.empty() ? "" : "; ").append(text);
    }
    return all;
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

bool is_kind(const store::Job& job, protocol::JobKind kind) {
    return job.kind == protocol::job_kind_name(kind);
}

bool is_open_outside(const store::ControlHost& host) {
    return host.outside == rollout::outside_verdict_name(rollout::OutsideVerdict::Open);
}

/// How often in a row deploying or removing did not succeed, and when something did.
void count(
    store::ControlHost& host,
    const store::Job& job,
    std::optional<ControlEvent> event,
    Instant now) {
    host.tried_at = now;
    if (event == ControlEvent::WasDeployed || event == ControlEvent::WasRemoved) {
        host.tries = 0;
    } else if (!is_kind(job, protocol::JobKind::VerifyControl)) {
        ++host.tries;
    }
    if (event == ControlEvent::WasDeployed) {
        host.installed_at = now;
    }
    if (event == ControlEvent::Holds) {
        host.last_verified = now;
    }
}

ControlWord word_of(
    const store::ControlHost& host,
    const store::Job& job,
    const JobReport& report,
    const std::optional<ControlReport>& said) {
    ControlWord word{
        "host:" + host.host_id,
        job.kind.substr(0, job.kind.find('-')),
        report.outcome,
        report.document,
        ""};
    if (!said) {
        word.why = report.text.substr(0, report.text.find('\n'));
        return word;
    }
    word.said = model::control_outcome_name(said->state);
    word.why = first_doubt(*said);
    if (word.why.empty() && host.left_scope) {
        word.why = kLeftScope;
    }
    return word;
}

/// A control still has a reason on one of its hosts, or none any more: then it is proposed for removal, or removed.
Result<void> take_reason(
    store::Connection& connection,
    Trail& trail,
    ControlCourse& course,
    store::ControlHost host,
    bool is_needed) {
    const ControlState state = control_state_of(host.state);
    const bool is_live = is_control_up(state) || state == ControlState::Approved;
    const bool has_expired = trail.now() >= course.record().expires_at;
    if (is_needed && host.removal_proposed_at != Instant{} && !has_expired) {
        host.removal_proposed_at = Instant{};
        return store::set_control_host(connection, host);
    }
    if (is_needed || !is_live || host.removal_proposed_at != Instant{}) {
        return {};
    }
    const ControlWord word{"server", "", "", "", "nothing that it covers is open there any more"};
    host.removal_proposed_at = trail.now();
    THIMBLE_TRY(course.happen(host, ControlEvent::PatchIsLive, word));
    if (is_control_up(control_state_of(host.state))) {
        std::string after;
        JsonWriter json(after);
        json.open_object().member("host", host.host_id).member("state", host.state).close_object();
        THIMBLE_TRY(trail.note(
            {word.actor,
             "control.removal-proposed",
             course.record().id,
             "",
             std::move(after),
             word.why}));
    }
    return course.settle();
}

}  // namespace

Result<void> take_control_end(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const store::Job& job,
    const JobReport& report) {
    if (is_kind(job, protocol::JobKind::ProbeControl)) {
        return take_probe_end(context, connection, trail, job, report);
    }
    THIMBLE_TRY(const auto known, store::control_host_of_job(connection, job.id));
    if (!known) {
        return {};
    }
    store::ControlHost host = *known;
    THIMBLE_TRY(auto course, ControlCourse::open(context, connection, trail, host.control_id));
    THIMBLE_TRY(const auto said, report_of_job(connection, job, report.document));
    const auto event = event_of({job.kind, report.outcome == "done", report.exit_status, said});
    host.job_id.clear();
    host.job_kind.clear();
    take_in(host, said, report.document);
    if (host.mode != known->mode || host.bypass != known->bypass) {
        THIMBLE_TRY(store::doubt_judgement(connection, host.host_id));  // it may count otherwise
    }
    count(host, job, event, trail.now());
    if (const auto& deployed = said; deployed && event == ControlEvent::WasDeployed) {
        host.digest = deployed->digest;  // what it has, which is not always what is wanted by now
    }
    ControlWord word = word_of(host, job, report, said);
    if (event == ControlEvent::Holds && is_open_outside(host)) {
        word.why = host.outside_why;  // who sees it from outside knows better
        THIMBLE_TRY(course.happen(host, std::nullopt, word));
    } else {
        THIMBLE_TRY(course.happen(host, event, word));
    }
    if (event == ControlEvent::Holds) {
        THIMBLE_TRY(course.ask_outside(host));
    }
    const bool is_gone = control_state_of(host.state) == ControlState::Retired;
    // It may have come back into the scope meanwhile.
    THIMBLE_TRY(
        is_gone && host.left_scope ? course.follow_host(host.host_id) : course.settle_host(host));
    return course.settle_whole();
}

Result<void> lose_control_job(
    Context& context, store::Connection& connection, Trail& trail, const store::Job& job) {
    if (is_kind(job, protocol::JobKind::ProbeControl)) {
        return lose_probe_job(context, connection, trail, job);
    }
    THIMBLE_TRY(const auto known, store::control_host_of_job(connection, job.id));
    if (!known) {
        return {};
    }
    store::ControlHost host = *known;
    THIMBLE_TRY(auto course, ControlCourse::open(context, connection, trail, host.control_id));
    THIMBLE_TRY(const bool has_begun, store::has_begun(connection, job.id));
    host.job_id.clear();
    host.job_kind.clear();
    host.tried_at = trail.now();
    if (has_begun && !is_kind(job, protocol::JobKind::VerifyControl)) {
        ++host.tries;
    }
    THIMBLE_TRY(course.happen(host, std::nullopt, {"server", "", "", "", "its host said nothing"}));
    THIMBLE_TRY(course.settle_host(host));
    return course.settle_whole();
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
        // Where the package itself is gone, nothing of it is open: no reason to put it back.
        const auto document = parse_control_document(course.record().document);
        const bool is_needed = std::ranges::binary_search(needed, row.control_id) || !was_open
            || (document && document->removes_package);
        THIMBLE_TRY(take_reason(connection, trail, course, row, is_needed));
    }
    return {};
}

Result<std::vector<prioritize::HostControl>> controls_on_host(
    store::Connection& connection, const std::string& host_id, Instant now) {
    THIMBLE_TRY(const auto rows, store::controls_of_host(connection, host_id));
    std::vector<prioritize::HostControl> controls;
    controls.reserve(rows.size());
    for (const store::ControlHost& row : rows) {
        THIMBLE_TRY(const auto record, store::control_of(connection, row.control_id));
        if (record) {
            controls.push_back(on_host(*record, row, now));
        }
    }
    return controls;
}

}  // namespace thimble::server
