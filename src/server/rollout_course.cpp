#include "thimble/server/rollout_course.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/model/frozen_set.hpp"
#include "thimble/model/host_tags.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/rollout/explain.hpp"
#include "thimble/server/course_steps.hpp"
#include "thimble/server/lead.hpp"
#include "thimble/server/owner_deferral.hpp"
#include "thimble/server/patch_tracking.hpp"
#include "thimble/server/rollout_freeze.hpp"
#include "thimble/server/rollout_plans.hpp"
#include "thimble/server/taken_back.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace thimble::server {
namespace {

using rollout::Command;
using rollout::CoursePhase;

/// A host that does not take its turn within this loses it to others.
constexpr std::chrono::minutes kTurnTakenWithin{15};

/// How long after its beginning an emergency is to be looked back on.
constexpr std::chrono::days kReviewedWithin{14};

Result<void> keep_ring(
    store::Connection& connection,
    const std::string& id,
    const rollout::Rollout& state,
    std::size_t at) {
    const rollout::RingState& ring = state.rings[at];
    return store::set_rollout_ring(
        connection,
        {id,
         static_cast<std::int64_t>(at),
         state.policy.rings[at].name,
         std::string(rollout::ring_phase_name(ring.phase)),
         ring.since,
         ring.forgiven});
}

bool is_over(rollout::RolloutPhase phase) {
    return phase == rollout::RolloutPhase::Done || phase == rollout::RolloutPhase::Cancelled;
}

/// What of a rollout is kept beside its hosts.
Result<void> keep(
    store::Connection& connection, const LiveRollout& before, const rollout::Rollout& after) {
    store::RolloutRecord record = before.record;
    record.phase = rollout::rollout_phase_name(after.phase);
    record.since = after.since;
    record.why = after.why;
    record.frozen_digest = after.frozen;
    if (record != before.record) {
        THIMBLE_TRY(store::set_rollout(connection, record));
    }
    // What is known at the end of an emergency opens none again.
    if (is_over(after.phase) && !is_over(before.rollout.phase) && !record.opened_for.empty()) {
        THIMBLE_TRY(store::note_triggers(connection, record.deployment_id));
    }
    for (std::size_t at = 0; at < after.rings.size(); ++at) {
        if (after.rings[at] != before.rollout.rings[at]) {
            THIMBLE_TRY(keep_ring(connection, record.deployment_id, after, at));
        }
    }
    for (std::size_t at = before.rollout.approvals.size(); at < after.approvals.size(); ++at) {
        const rollout::Approval& approval = after.approvals[at];
        THIMBLE_TRY(store::add_approval(
            connection, record.deployment_id, {approval.person, approval.frozen, approval.at}));
    }
    return {};
}

/// Keeps a deferral that a step has granted.
Result<void> keep_deferral(
    store::Connection& connection,
    const LiveRollout& before,
    const rollout::Rollout& after,
    const rollout::Deferred& asked,
    Instant now) {
    const rollout::RolloutHost& host = after.hosts.at(asked.host);
    if (host.deferrals == before.rollout.hosts.at(asked.host).deferrals) {
        return {};
    }
    return store::add_deferral(
        connection,
        before.record.deployment_id,
        {host.id, host.deferrals, asked.until, asked.person, asked.why, now});
}

std::string json_of(const store::DeploymentHost& host) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("host", host.host_id).member("phase", host.phase);
    json.member_or_null("gave_way_to", host.gave_way_to).close_object();
    return text;
}

/// Carries out the commands of one step.
class Orders {
public:
    Orders(Context& context, store::Connection& connection, Trail& trail, LiveRollout& live)
        : connection_(connection),
          trail_(trail),
          live_(live),
          now_(trail.now()),
          courses(context, connection, now_) {}

    Result<void> carry_out(const store::Deployment& deployment, const Command& command) {
        store::DeploymentHost& row = live_.rows[command.host];
        switch (command.kind) {
            case Command::Kind::Begin: return begin(deployment, row);
            case Command::Kind::Change:
                return go_on(
                    deployment, row, {rollout::begin_change(course_of(row)), kTurnTakenWithin});
            case Command::Kind::Reboot:
                return go_on(
                    deployment, row, {rollout::begin_reboot(course_of(row)), kTurnTakenWithin});
            case Command::Kind::Withdraw: return withdraw(row);
        }
        return {};
    }

    /// Keeps what a step says of a host beside its command. One that was begun anew by a person stands where a new one does.
    Result<void> keep_host(const rollout::RolloutHost& host, store::DeploymentHost& row) {
        const bool is_set_back = host.stage == rollout::HostStage::Waiting
            && rollout::stage_of(course_of(row)) != rollout::HostStage::Waiting;
        const bool has_changed =
            row.refused_reboots != host.refused_reboots || row.noticed_at != host.noticed_at;
        row.refused_reboots = host.refused_reboots;
        row.noticed_at = host.noticed_at;
        if (!is_set_back) {
            return has_changed ? store::set_deployment_host(connection_, row) : Result<void>();
        }
        row.tries = 0;
        return set_waiting(row, "");
    }

private:
    Result<void> set_waiting(store::DeploymentHost& row, std::string why) {
        // Of what it was to get nothing is under way any more.
        rollout::HostCourse left = course_of(row);
        left.phase = CoursePhase::Halted;
        THIMBLE_TRY(track_step(connection_, {row.host_id, row.deployment_id, left}, now_));
        put(rollout::wait_again(course_of(row), std::move(why)), row, now_);
        return store::set_deployment_host(connection_, row);
    }

    Result<void> go_on(
        const store::Deployment& deployment, store::DeploymentHost& row, const HostStep& step) {
        THIMBLE_TRY(courses.carry_on(deployment, row, step));
        THIMBLE_TRY(track_step(connection_, {row.host_id, deployment.id, step.step.course}, now_));
        return store::set_deployment_host(connection_, row);
    }

    Result<void> begin(const store::Deployment& deployment, store::DeploymentHost& row) {
        THIMBLE_TRY(
            const std::string other,
            store::deployment_under_way(connection_, row.host_id, phases_under_way()));
        if (!other.empty() && other != deployment.id) {
            THIMBLE_TRY(const bool is_free, take_over(other, row.host_id));
            if (!is_free) {
                return set_waiting(row, "deployment " + other + " has it under way");
            }
        }
        ++row.tries;
        THIMBLE_TRY(const std::string why, courses.why_no_further_job(deployment, row.host_id));
        if (!why.empty()) {
            return go_on(deployment, row, {{rollout::cancel({}, why), std::nullopt}});
        }
        HostStep next{.step = rollout::begin_again(course_of(row))};
        if (row.gave_way_to.empty()) {
            return go_on(deployment, row, next);
        }
        THIMBLE_TRY(next.step.course.why, why_again(std::exchange(row.gave_way_to, "")));
        const std::string before = json_of(row);
        const std::string said = next.step.course.why;
        THIMBLE_TRY(go_on(deployment, row, next));
        return trail_.note(
            {"server", "deployment.step", deployment.id, before, json_of(row), said});
    }

    /// Why a host begins anew that an emergency had taken.
    Result<std::string> why_again(const std::string& emergency) {
        const std::string why = "begun anew: it had given way to the emergency " + emergency;
        THIMBLE_TRY(const auto rollout, store::rollout_of(connection_, emergency));
        if (!rollout) {
            return why + ", of which nothing is kept any more";
        }
        const bool is_over = rollout->phase == "done" || rollout->phase == "cancelled";
        return why + (is_over ? ", which is " + rollout->phase : ", which has left it")
            + (rollout->why.empty() ? "" : " (" + rollout->why + ")");
    }

    /// An emergency takes hosts that another rollout has not begun to change.
    Result<bool> take_over(const std::string& other, const std::string& host_id) {
        THIMBLE_TRY(const auto rollout, store::rollout_of(connection_, other));
        if (!live_.record.is_emergency || !rollout || rollout->is_emergency) {
            return false;
        }
        THIMBLE_TRY(auto row, store::host_of_deployment(connection_, other, host_id));
        if (!row) {
            return false;
        }
        const rollout::HostStage stage = rollout::stage_of(course_of(*row));
        if (stage != rollout::HostStage::Preparing && stage != rollout::HostStage::Ready) {
            return false;
        }
        THIMBLE_TRY(close(*row));
        const std::string before = json_of(*row);
        row->gave_way_to = live_.record.deployment_id;
        const std::string why = "the emergency " + row->gave_way_to + " goes first";
        THIMBLE_TRY(set_waiting(*row, why));
        THIMBLE_TRY(trail_.note({"server", "deployment.step", other, before, json_of(*row), why}));
        return true;
    }

    Result<void> close(const store::DeploymentHost& row) {
        THIMBLE_TRY(store::finish_job(connection_, row.job_id, row.host_id, now_));
        THIMBLE_TRY(store::close_job(
            connection_, row.job_id, {"withdrawn", 0, "it was taken back before it began", ""}));
        courses.changes.closed.push_back(row.job_id);
        return {};
    }

    /// What has its lease goes on to its end; what has not gets none any more.
    Result<void> withdraw(store::DeploymentHost& row) {
        THIMBLE_TRY(const bool has_begun, store::has_begun(connection_, row.job_id));
        const CoursePhase phase = course_of(row).phase;
        const rollout::CourseJob kind = course_of(row).job;
        const bool is_change =
            kind == rollout::CourseJob::Apply || kind == rollout::CourseJob::Reboot;
        if (has_begun || !is_change) {
            return {};
        }
        THIMBLE_TRY(close(row));
        if (phase == CoursePhase::Applying) {
            return set_waiting(row, "taken back before its transaction");
        }
        rollout::HostCourse course = course_of(row);
        course.phase = CoursePhase::PendingReboot;
        put(course, row, now_);
        return store::set_deployment_host(connection_, row);
    }

    store::Connection& connection_;
    Trail& trail_;
    LiveRollout& live_;
    Instant now_;

public:
    Courses courses;
};

std::string json_of(const rollout::Rollout& state) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("phase", rollout::rollout_phase_name(state.phase));
    json.member_or_null("why", state.why).member_or_null("frozen", state.frozen);
    json.key("rings").open_array();
    for (const rollout::RingState& ring : state.rings) {
        json.text(rollout::ring_phase_name(ring.phase));
    }
    json.close_array().close_object();
    return text;
}

/// One step of the engine, kept and carried out.
Result<void> take(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    LiveRollout& live,
    const rollout::Event& event) {
    const Instant now = trail.now();
    rollout::Step next = rollout::step(live.rollout, event, live.openings, now, live.elsewhere);
    THIMBLE_TRY(keep(connection, live, next.rollout));
    if (const auto* deferred = std::get_if<rollout::Deferred>(&event); deferred != nullptr) {
        THIMBLE_TRY(keep_deferral(connection, live, next.rollout, *deferred, now));
    }
    THIMBLE_TRY(tell_of_notice(trail, live.record.deployment_id, live.rollout, next.rollout));
    THIMBLE_TRY(const auto deployment, store::deployment_of(connection, live.record.deployment_id));
    if (!deployment) {
        return no_rollout();
    }
    Orders orders(context, connection, trail, live);
    for (std::size_t at = 0; at < live.rows.size(); ++at) {
        THIMBLE_TRY(orders.keep_host(next.rollout.hosts[at], live.rows[at]));
    }
    for (const Command& command : next.commands) {
        THIMBLE_TRY(orders.carry_out(*deployment, command));
    }
    trail.tell(std::move(orders.courses.changes));
    const std::string before = json_of(live.rollout);
    const std::string after = json_of(next.rollout);
    live.rollout = std::move(next.rollout);
    if (before == after) {
        return {};
    }
    return trail.note(
        {"server", "rollout.step", live.record.deployment_id, before, after, live.rollout.why});
}

}  // namespace

Result<std::vector<rollout::HostFacts>> host_facts(store::Connection& connection) {
    THIMBLE_TRY(const auto hosts, store::rollout_candidates(connection));
    std::vector<rollout::HostFacts> facts;
    facts.reserve(hosts.size());
    std::ranges::transform(hosts, std::back_inserter(facts), facts_of);
    return facts;
}

rollout::HostFacts facts_of(const store::RolloutCandidate& host) {
    return {
        host.id,
        host.name,
        host.host_group,
        model::parse_tags(host.tags),
        host.operating_system,
        host.architecture};
}

Result<PlannedRollout> plan_rollout(
    Context& context,
    store::Connection& connection,
    const RolloutOrder& order,
    std::span<const rollout::HostFacts> hosts,
    Instant now) {
    THIMBLE_TRY(const auto kept, store::policy_of(connection, order.policy));
    if (!kept) {
        return failure(
            ErrorKind::NotFound,
            "server.no_policy",
            "there is no policy \"" + order.policy + "\": thimble policy apply FILE");
    }
    THIMBLE_TRY(const auto about, kept_policy(context, kept->document, hosts.size()));
    std::vector<rollout::HostFacts> its_hosts;
    std::ranges::copy_if(hosts, std::back_inserter(its_hosts), [&](const rollout::HostFacts& host) {
        return rollout::is_about(*about, host) && !order.without.contains(host.id);
    });
    // Rings that it does not name are those of as many hosts as it is about.
    THIMBLE_TRY(const auto read, kept_policy(context, kept->document, its_hosts.size()));
    rollout::Policy policy = *read;
    if (order.is_emergency && policy.emergency.opens == rollout::EmergencyOpening::Never) {
        return failure(
            ErrorKind::Conflict, "server.no_emergency", "this policy has no emergencies");
    }
    PlannedRollout planned;
    planned.document = kept->document;
    planned.selection = rollout::selection_at(policy, now);
    if (!order.packages.empty()) {
        planned.selection.security = false;
        planned.selection.all = false;
        planned.selection.vulnerabilities.clear();
        planned.selection.advisories.clear();
        planned.selection.packages = order.packages;
    }
    THIMBLE_TRY(
        planned.rollout,
        rollout::begin_rollout(std::move(policy), its_hosts, order.requester, now));
    return planned;
}

Result<void> keep_rollout(
    store::Connection& connection, const RolloutOrder& order, const PlannedRollout& planned) {
    const rollout::Rollout& state = planned.rollout;
    THIMBLE_TRY(store::add_deployment(
        connection,
        {order.id,
         protocol::format_selection(planned.selection),
         state.policy.restart_services,
         order.requester,
         state.began,
         order.why,
         {},
         order.host_group}));
    THIMBLE_TRY(store::add_rollout(
        connection,
        {order.id,
         order.policy,
         planned.document,
         order.is_emergency,
         std::string(rollout::rollout_phase_name(state.phase)),
         state.since,
         "",
         model::FrozenSet().json(),
         "",
         static_cast<std::int64_t>(state.hosts.size()),
         order.opened_for,
         order.asks_first}));
    if (order.is_emergency) {
        THIMBLE_TRY(store::open_review(connection, order.id, state.began + kReviewedWithin));
    }
    for (std::size_t at = 0; at < state.rings.size(); ++at) {
        THIMBLE_TRY(keep_ring(connection, order.id, state, at));
    }
    std::vector<store::DeploymentHost> rows;
    rows.reserve(state.hosts.size());
    for (const rollout::RolloutHost& host : state.hosts) {
        store::DeploymentHost& row = rows.emplace_back();
        row.deployment_id = order.id;
        row.host_id = host.id;
        row.phase = rollout::course_phase_name(CoursePhase::Waiting);
        row.since = host.since;
        row.ring = host.ring;
        row.availability_set = host.set;
        row.order_step = host.order;
        row.set_name = host.set == 0 ? "" : state.sets[host.set - 1];
    }
    return store::add_deployment_hosts(connection, rows);
}

Result<void> drive_rollout(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const std::string& deployment_id,
    const rollout::Event& event) {
    THIMBLE_TRY(
        LiveRollout live,
        live_rollout(context, connection, deployment_id, trail.now(), kDecidesAhead));
    THIMBLE_TRY(freeze_when_planned(connection, trail, live));
    if (const auto* deferred = std::get_if<rollout::Deferred>(&event); deferred != nullptr) {
        THIMBLE_TRY(learn_due(connection, live, deferred->host));
    }
    return take(context, connection, trail, live, event);
}

Result<std::string> why_no_turn(
    Context& context, store::Connection& connection, const store::Job& job, Instant now) {
    if (job.kind == protocol::job_kind_name(protocol::JobKind::Apply)) {
        THIMBLE_TRY(const auto plan, store::plan_of(connection, job.plan_digest));
        const auto patches = plan ? store::planned_patches(*plan) : store::PlannedPatches();
        THIMBLE_TRY(std::string why, why_kept_back(connection, job.host_id, patches));
        if (!why.empty()) {
            return why;
        }
    }
    THIMBLE_TRY(const auto record, store::rollout_of(connection, job.deployment_id));
    if (!record) {
        return std::string();
    }
    THIMBLE_TRY(const auto row, store::deployment_host_of_job(connection, job.id));
    if (!row) {
        return std::string("the rollout has given its host something else");
    }
    THIMBLE_TRY(rollout::Rollout state, stored_rollout(context, connection, *record, {}, now));
    THIMBLE_TRY(
        const rollout::Openings openings, openings_around(state.policy, now, kDecidesAhead));
    rollout::RolloutHost host = stored_host(*row);
    THIMBLE_TRY(take_deferrals(connection, job.deployment_id, {&*row, 1}, {&host, 1}, now));
    const bool is_reboot = job.kind == protocol::job_kind_name(protocol::JobKind::Reboot);
    const bool is_restart = job.kind == protocol::job_kind_name(protocol::JobKind::RestartServices);
    // It asks again when its first hooks have run: what they took is over.
    THIMBLE_TRY(const bool has_begun, store::has_begun(connection, job.id));
    if (has_begun) {
        state.policy.hooks.clear();
    }
    rollout::LeaseAsked asked{is_reboot, rollout::needs_of_change(state.policy, host), is_restart};
    if (is_reboot || is_restart) {
        asked.needs = is_reboot ? rollout::needs_of_reboot(state.policy) : std::chrono::seconds(0);
    }
    const rollout::Hold hold = rollout::lease_hold(state, host, asked, openings, now);
    return hold.reason == rollout::HoldReason::None
        ? std::string()
        : "its turn has passed: " + std::string(rollout::hold_reason_name(hold.reason));
}

Result<void> drive_rollouts(Context& context, Instant now) {
    const bool is_halted =
        context.roster.with([](const Roster& roster) { return roster.halt().halted; });
    if (is_halted) {
        return {};
    }
    THIMBLE_TRY(const auto ids, context.database.look([](store::Connection& connection) {
        return store::rollouts_in(connection, {"running", "paused", "halted"});
    }));
    std::optional<Error> first;
    for (const std::string& id : ids) {
        auto done =
            change(context, now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
                THIMBLE_TRY(check_lead(context, connection));
                return drive_rollout(context, connection, trail, id, rollout::Ticked{});
            });
        // One that cannot be driven does not keep the others.
        if (!done && !first) {
            first = std::move(done).error();
        }
    }
    if (first) {
        return *std::move(first);
    }
    return {};
}

}  // namespace thimble::server
