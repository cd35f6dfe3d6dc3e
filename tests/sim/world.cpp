#include "world.hpp"

#include "thimble/rollout/explain.hpp"

#include <algorithm>
#include <utility>

namespace thimble::sim {
namespace {

using rollout::Command;
using rollout::CourseJob;
using rollout::CoursePhase;
using rollout::HostStage;
using rollout::is_in_change;
using rollout::JobEnd;
using rollout::RolloutPhase;
using Ending = rollout::JobEnd::Ending;

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kLongestJob = 7 * kHour;
constexpr std::int64_t kTurn = 15 * kMinute;
constexpr int kGoodVersion = 2;
constexpr int kOtherVersion = 3;

bool needs_lease(CourseJob kind) {
    return kind == CourseJob::Apply || kind == CourseJob::Reboot;
}

Outcome outcome_of(HostStage stage) {
    switch (stage) {
        case HostStage::Succeeded: return Outcome::Well;
        case HostStage::NothingToDo: return Outcome::Unneeded;
        case HostStage::PendingRestart: return Outcome::Pending;
        case HostStage::PendingReboot: return Outcome::PendingReboot;
        case HostStage::Blocked:
        case HostStage::Left: return Outcome::Refused;
        case HostStage::Failed:
        case HostStage::HookFailed:
        case HostStage::NotReturned: return Outcome::Badly;
        case HostStage::RehearsalFailed: return Outcome::BadlyInClone;
        case HostStage::Silent:
        case HostStage::Skipped: return Outcome::Silent;
        case HostStage::Waiting:
        case HostStage::Preparing:
        case HostStage::Ready:
        case HostStage::Changing:
        case HostStage::Rebooting: break;
    }
    return Outcome::None;
}

}  // namespace

World::World(const Scenario& scenario, bool keeps_log)
    : scenario_(scenario),
      chance_(scenario.seed ^ 0x5eedU),
      checker_(scenario),
      keeps_log_(keeps_log),
      is_dirty_host_(scenario.hosts.size()) {
    kept_.rollout =
        *rollout::begin_rollout(scenario.policy, scenario.hosts, "user:requester", clock());
    for (std::size_t host = 0; host < scenario.due.size(); ++host) {
        kept_.rollout.hosts[host].due_at = Instant(std::chrono::seconds(scenario.due[host]));
    }
    kept_.courses.resize(scenario.hosts.size());
    for (rollout::HostCourse& course : kept_.courses) {
        course.phase = CoursePhase::Waiting;
    }
    kept_.job_of.resize(scenario.hosts.size());
    kept_.jobs.push_back({.state = JobState::Closed});
    kept_.version_of.resize(scenario.hosts.size());
    openings_ = *rollout::openings_of(
        scenario.policy,
        Instant(std::chrono::seconds(kBegin - (10 * kDay))),
        Instant(std::chrono::seconds(kBegin + ((kDays + 10) * kDay))));
}

void World::later(std::int64_t seconds, std::function<void()> what) {
    queue_.push({time_ + std::max<std::int64_t>(seconds, 0), ++order_, std::move(what)});
}

void World::note(const std::string& line) {
    if (keeps_log_) {
        played_.log.push_back(format_instant(clock()) + " " + line);
    }
}

/// @param on  empty: it may go to the group again
void World::keep_back(std::size_t group, const std::string& on) {
    kept_.taken_back_on[group] = on;
    for (std::size_t host = group; host < kept_.rollout.hosts.size(); host += kGroups) {
        kept_.rollout.hosts[host].taken_back_on = on;
    }
}

void World::move(std::size_t host) {
    const HostStage stage = rollout::stage_of(kept_.courses[host]);
    const HostStage before = kept_.rollout.hosts[host].stage;
    if (!is_in_change(stage) && stage != HostStage::Preparing && stage != HostStage::Ready) {
        told_.emplace_back([this, host, stage] { checker_.ended(host, outcome_of(stage)); });
    }
    if (before == HostStage::Rebooting && stage != before) {
        told_.emplace_back([this, host] { checker_.came_back(host); });
    }
    if (stage == HostStage::Ready) {
        told_.emplace_back([this, host, now = time_ + skew_] { checker_.is_ready(host, now); });
    }
    if (stage != before) {
        if (!is_ticking_) {
            // A late word, after which there is something to wait for again.
            is_ticking_ = true;
            later(10 * kMinute, [this] { tick(); });
        }
        moved_at_ = time_;
        rollout::RolloutHost& one = kept_.rollout.hosts[host];
        one.stage = stage;
        one.since = clock();
        one.expected = std::chrono::minutes(10);
        drive(rollout::Ticked{});
    }
}

bool World::commit(const std::function<void()>& work) {
    const bool crashes = fails(scenario_.faults.server_crashes);
    const bool before = chance_.one_in(500);
    const Durable snapshot = crashes && before ? kept_ : Durable();
    told_.clear();
    work();
    if (crashes && before) {
        kept_ = snapshot;
        ++played_.crashes;
        note("the server crashes before it has kept it");
        return false;
    }
    for (const auto& tell : told_) {
        tell();
    }
    told_.clear();
    if (crashes) {
        ++played_.crashes;
        note("the server crashes before it answers");
        return false;
    }
    return true;
}

void World::drive(const rollout::Event& event) {
    std::vector<rollout::PeerElsewhere> elsewhere;
    for (const BusyTime& busy : scenario_.busy) {
        if (busy.begin <= time_ && time_ < busy.end) {
            elsewhere.push_back({busy.set, busy.host, "other", busy.is_broken});
        }
    }
    rollout::Step next =
        rollout::step(std::move(kept_.rollout), event, openings_, clock(), elsewhere);
    kept_.rollout = std::move(next.rollout);
    if (kept_.rollout.phase != RolloutPhase::Running) {
        told_.emplace_back([this] { checker_.stopped(); });
    }
    for (const Command& command : next.commands) {
        carry_out(command);
    }
}

void World::give(std::size_t host, const rollout::CourseStep& step, std::int64_t good_for) {
    kept_.courses[host] = step.course;
    if (!step.next) {
        return;
    }
    const std::size_t id = kept_.jobs.size();
    kept_.jobs.push_back({host, *step.next, JobState::Given, time_ + skew_ + good_for, 0, false});
    kept_.job_of[host] = id;
    told_.emplace_back([this, id] { deliver(id); });
}

void World::carry_out(const Command& command) {
    const std::size_t host = command.host;
    switch (command.kind) {
        case Command::Kind::Begin:
            told_.emplace_back([this, host, now = time_ + skew_] { checker_.begins(host, now); });
            give(host, rollout::begin_course(), kDay);
            return;
        case Command::Kind::Change:
            told_.emplace_back([this, host, now = time_] { checker_.told_to_change(host, now); });
            give(host, rollout::begin_change(kept_.courses[host]), kTurn);
            return;
        case Command::Kind::Reboot:
            told_.emplace_back([this, host, now = time_] { checker_.told_to_reboot(host, now); });
            give(host, rollout::begin_reboot(kept_.courses[host]), kTurn);
            return;
        case Command::Kind::Withdraw: withdraw(host); return;
    }
}

void World::withdraw(std::size_t host) {
    Job& job = kept_.jobs[kept_.job_of[host]];
    if (job.state != JobState::Given || !needs_lease(job.kind)) {
        return;
    }
    job.state = JobState::Closed;
    rollout::HostCourse& course = kept_.courses[host];
    course.phase = job.kind == CourseJob::Apply ? CoursePhase::Waiting : CoursePhase::PendingReboot;
    move(host);
}

void World::tick() {
    lose_overdue();
    commit([this] {
        const bool is_planned = std::ranges::none_of(kept_.rollout.hosts, [](const auto& host) {
            return host.ring == 0
                && (host.stage == HostStage::Waiting || host.stage == HostStage::Preparing);
        });
        if (kept_.rollout.frozen.empty() && is_planned) {
            told_.emplace_back([this, version = kept_.frozen] { checker_.frozen(version); });
            kept_.rollout.frozen = "set";
        }
        drive(rollout::Ticked{});
    });
    if (fails(scenario_.faults.clock_jumps)) {
        skew_ = chance_.between(-2 * kHour, 2 * kHour);
        note("the clock of the server jumps");
    }
    // What is heard late of a rollout that is over still goes on to its verification.
    const bool is_over =
        kept_.rollout.phase == RolloutPhase::Done || kept_.rollout.phase == RolloutPhase::Cancelled;
    const bool is_quiet = std::ranges::none_of(kept_.rollout.hosts, [](const auto& host) {
        return is_in_change(host.stage) || host.stage == HostStage::Preparing
            || rollout::is_broken(host.stage);
    });
    is_ticking_ = time_ < kBegin + (kDays * kDay) && !(is_over && is_quiet);
    if (is_ticking_) {
        later(10 * kMinute, [this] { tick(); });
    }
}

void World::lose_overdue() {
    const std::int64_t now = time_ + skew_;
    std::vector<std::size_t> overdue;
    for (const std::size_t id : kept_.job_of) {
        const Job& job = kept_.jobs[id];
        if (job.state == JobState::Closed) {
            continue;
        }
        const bool is_unbegun = job.state == JobState::Given && now >= job.expires;
        const bool is_rebooting = kept_.courses[job.host].phase == CoursePhase::Rebooting;
        const std::int64_t most =
            is_rebooting ? scenario_.policy.reboot.returns_within.count() : kLongestJob;
        const bool is_lost = job.state == JobState::Leased && now >= job.leased_at + most;
        if (is_unbegun || is_lost) {
            overdue.push_back(id);
        }
    }
    for (const std::size_t id : overdue) {
        commit([this, id] {
            Job& job = kept_.jobs[id];
            const bool is_unbegun = job.state == JobState::Given && needs_lease(job.kind);
            if (is_unbegun) {
                job.state = JobState::Closed;  // without its lease nothing was begun
            }
            JobEnd end{.ending = is_unbegun ? Ending::Refused : Ending::Lost};
            end.why = is_unbegun ? std::string(rollout::kNotBegun) : "silent";
            note("job " + std::to_string(id) + " is lost");
            if (kept_.job_of[job.host] == id) {
                give(
                    job.host,
                    rollout::after_job(
                        kept_.courses[job.host], end, {scenario_.policy.restart_services, true}),
                    kDay);
                move(job.host);
            }
        });
    }
}

bool World::grant(std::size_t id) {
    bool is_granted = false;
    commit([&] {
        Job& job = kept_.jobs[id];
        const bool is_reboot = job.kind == CourseJob::Reboot;
        const rollout::RolloutHost& asks = kept_.rollout.hosts[job.host];
        const rollout::Policy& policy = kept_.rollout.policy;
        const rollout::Hold hold = rollout::lease_hold(
            kept_.rollout,
            asks,
            {is_reboot,
             is_reboot ? rollout::needs_of_reboot(policy) : rollout::needs_of_change(policy, asks)},
            openings_,
            clock());
        const bool is_kept_back = !is_reboot && !kept_.taken_back_on[job.host % kGroups].empty();
        const bool is_open = hold.reason == rollout::HoldReason::None && !is_kept_back;
        is_granted = job.state == JobState::Given && is_open
            && kept_.rollout.phase == RolloutPhase::Running && time_ + skew_ < job.expires;
        if (!is_granted) {
            return;
        }
        job.state = JobState::Leased;
        job.leased_at = time_ + skew_;
        note((is_reboot ? "lease to reboot " : "lease to change ") + scenario_.hosts[job.host].id);
        told_.emplace_back([this, host = job.host, is_reboot, now = time_ + skew_] {
            is_reboot ? checker_.may_reboot(host, now) : checker_.may_change(host, now);
        });
    });
    // A grant that was kept and whose answer was lost is no grant for the host; it asks again, in vain.
    return is_granted && kept_.jobs[id].state == JobState::Leased;
}

void World::take_report(std::size_t id, const JobEnd& told) {
    Job& job = kept_.jobs[id];
    if (job.state == JobState::Closed) {
        return;
    }
    const std::size_t host = job.host;
    JobEnd end = told;
    job.state = JobState::Closed;
    if (kept_.job_of[host] != id) {
        return;
    }
    if (job.kind == CourseJob::Prefetch && !end.plan_digest.empty()) {
        const int version = kept_.version_of[host] =
            end.plan_digest == "good" ? kGoodVersion : kOtherVersion;
        const bool is_open = kept_.rollout.frozen.empty() && kept_.rollout.hosts[host].ring == 0;
        if (is_open && kept_.frozen == 0) {
            kept_.frozen = version;
        }
        if (version != kept_.frozen) {
            end.plan_problem = "outside the frozen set";
        }
        told_.emplace_back([this, host, version] { checker_.plans(host, version); });
    }
    const std::size_t group = host % kGroups;
    if (job.kind == CourseJob::Prefetch && !kept_.taken_back_on[group].empty()) {
        end.plan_problem = "was taken back on " + kept_.taken_back_on[group];
    }
    if (end.result == "rolled_back") {
        told_.emplace_back([this, group] { checker_.taken_back(group); });
        keep_back(group, scenario_.hosts[host].id);
    }
    const bool is_passed = job.kind == CourseJob::Rehearse && end.ending == Ending::Done;
    if (is_passed) {
        told_.emplace_back([this, host] { checker_.rehearsed(host); });
    }
    if (rollout::is_refused_reboot(kept_.courses[host], end)) {
        ++kept_.rollout.hosts[host].refused_reboots;
        told_.emplace_back(
            [this, host, now = time_ + skew_] { checker_.refused_reboot(host, now); });
    }
    give(
        host,
        rollout::after_job(kept_.courses[host], end, {scenario_.policy.restart_services, true}),
        kept_.courses[host].phase == CoursePhase::Rebooting
            ? scenario_.policy.reboot.returns_within.count()
            : kDay);
    note(
        scenario_.hosts[host].id + " is "
        + std::string(rollout::course_phase_name(kept_.courses[host].phase)));
    move(host);
}

/// Agents send again until they are answered; the server counts a report once.
void World::send(std::size_t job, const JobEnd& end) {
    if (fails(scenario_.faults.message_lost)) {
        later(chance_.between(1, 2 * kHour), [this, job, end] { send(job, end); });
        return;
    }
    later(chance_.between(0, is_calm() ? 5 : 600), [this, job, end] {
        if (!commit([this, job, end] { take_report(job, end); })) {
            later(kMinute, [this, job, end] { send(job, end); });
        }
    });
    if (fails(scenario_.faults.message_doubled)) {
        later(chance_.between(0, 5 * kHour), [this, job, end] {
            commit([this, job, end] { take_report(job, end); });
        });
    }
}

void World::deliver(std::size_t job) {
    if (fails(scenario_.faults.unreachable)) {
        // Off for a while, or for longer than anybody waits.
        later(chance_.between(kHour, 40 * kHour), [this, job] { run_job(job); });
        return;
    }
    later(chance_.between(0, 60), [this, job] { run_job(job); });
}

void World::run_job(std::size_t id) {
    Job& job = kept_.jobs[id];
    const bool is_gone = job.state == JobState::Closed
        || (job.state == JobState::Given && time_ + skew_ >= job.expires);
    if (job.is_taken || is_gone) {
        return;
    }
    job.is_taken = true;
    const std::size_t host = job.host;
    const std::int64_t lasts = chance_.between(10, 20 * kMinute);
    switch (job.kind) {
        case CourseJob::Prefetch:
            later(lasts, [this, id, host] { run_prefetch(id, host); });
            return;
        case CourseJob::Rehearse:
            later(lasts, [this, id] {
                const bool is_bad = fails(scenario_.faults.rehearsal_fails);
                send(
                    id,
                    {.ending = is_bad ? Ending::Failed : Ending::Done,
                     .exit_status = is_bad ? 1 : 0});
            });
            return;
        case CourseJob::Apply: run_change(id, host); return;
        case CourseJob::Reboot: run_reboot(id); return;
        case CourseJob::Verify:
        case CourseJob::RestartServices:
            later(lasts, [this, id, host] { run_verify(id, host); });
            return;
    }
}

void World::run_prefetch(std::size_t id, std::size_t host) {
    JobEnd end;
    if (fails(scenario_.faults.misses_nothing)) {
        send(id, end);
        return;
    }
    end.plan_digest = fails(scenario_.faults.other_version) ? "other" : "good";
    if (fails(scenario_.faults.plan_refused)) {
        end.plan_problem = "removes something";
        end.ending = Ending::Failed;
        end.exit_status = 1;
    }
    is_dirty_host_[host] = false;
    send(id, end);
}

void World::run_change(std::size_t id, std::size_t host) {
    if (!grant(id)) {
        send(id, {.ending = Ending::Refused, .why = "halted"});
        return;
    }
    JobEnd end{.run = "run", .result = "applied"};
    if (fails(scenario_.faults.hook_fails)) {
        const bool halts = chance_.one_in(500);
        end = {.ending = Ending::Failed, .exit_status = -1, .hook_why = "drain failed"};
        end.hook_failure = halts ? model::HookFailure::HaltRing : model::HookFailure::SkipHost;
    } else if (fails(scenario_.faults.skipped)) {
        end = {.ending = Ending::Failed, .exit_status = 3, .run = "run", .result = "skipped"};
    } else if (fails(scenario_.faults.transaction_fails)) {
        end = {.ending = Ending::Failed, .exit_status = 1, .run = "run"};
        end.result = chance_.one_in(500) ? "rolled_back" : "failed_health";
    } else if (fails(scenario_.faults.dies_in_transaction)) {
        if (chance_.one_in(300)) {
            return;  // for ever
        }
        later(chance_.between(kHour, 12 * kHour), [this, id] {
            send(id, {.ending = Ending::Interrupted});
        });
        return;
    }
    is_dirty_host_[host] = chance_.one_in(scenario_.faults.needs_reboot);
    later(chance_.between(kMinute, 20 * kMinute), [this, id, end] { send(id, end); });
}

void World::run_reboot(std::size_t id) {
    if (!grant(id)) {
        send(id, {.ending = Ending::Refused, .why = "halted"});
        return;
    }
    const std::size_t host = kept_.jobs[id].host;
    if (fails(scenario_.faults.refuses_reboot)) {
        send(id, {.ending = Ending::Failed, .exit_status = 1, .why = "inhibited"});
        return;
    }
    if (fails(scenario_.faults.does_not_return)) {
        return;  // it is gone
    }
    is_dirty_host_[host] = false;
    send(id, {.boot_before = "one", .boot_after = "two"});
}

void World::run_verify(std::size_t id, std::size_t host) {
    const bool is_after_reboot = kept_.courses[host].phase == CoursePhase::Rebooting;
    if (is_after_reboot && fails(scenario_.faults.does_not_return)) {
        return;
    }
    JobEnd end{.worst_state = "verified"};
    if (fails(scenario_.faults.agent_lies)) {
        end.worst_state = "unknown";
    } else if (is_dirty_host_[host]) {
        end = {
            .ending = Ending::Failed, .exit_status = 1, .worst_state = "installed_pending_reboot"};
    } else if (
        kept_.jobs[id].kind == CourseJob::Verify && fails(scenario_.faults.needs_reboot / 4)) {
        end = {
            .ending = Ending::Failed, .exit_status = 1, .worst_state = "installed_pending_restart"};
    }
    send(id, end);
}

/// "; h10001 is ready: no window is open" of the first hosts that have not ended.
std::string World::waited_for() const {
    constexpr int kMost = 5;
    const rollout::Holds holds(kept_.rollout, openings_, clock());
    std::string text;
    int told = 0;
    for (std::size_t host = 0; host < kept_.rollout.hosts.size(); ++host) {
        const HostStage stage = kept_.rollout.hosts[host].stage;
        const rollout::HoldReason reason = holds.of(host).reason;
        if (reason == rollout::HoldReason::None && outcome_of(stage) != Outcome::None) {
            continue;
        }
        if (++told > kMost) {
            return text + " …";
        }
        text.append("; ").append(kept_.rollout.hosts[host].id).append(" is ");
        text.append(rollout::host_stage_name(stage)).append(": ");
        text.append(rollout::hold_reason_name(reason));
    }
    return text;
}

/// Nothing goes wrong any more and people do what is asked of them: then everything must have ended.
void World::judge_end() {
    played_.end = rollout::rollout_phase_name(kept_.rollout.phase);
    if (kept_.rollout.phase == RolloutPhase::Done
        || kept_.rollout.phase == RolloutPhase::Cancelled) {
        for (const rollout::RolloutHost& host : kept_.rollout.hosts) {
            if (is_in_change(host.stage) || host.stage == HostStage::Preparing) {
                played_.breaches.push_back(host.id + ": under way though the rollout is over");
            }
        }
        return;
    }
    // Many hosts in short windows take longer than is played.
    if (moved_at_ < kBegin + ((kDays - kStuckAfter) * kDay)) {
        played_.breaches.push_back("the rollout is stuck: it is " + played_.end + waited_for());
    }
}

Played World::play() {
    commit([this] { drive(rollout::Ticked{}); });
    is_ticking_ = true;
    later(kMinute, [this] { tick(); });
    later(kHour, [this] { person(); });
    while (!queue_.empty() && queue_.top().at <= kBegin + (kDays * kDay)) {
        const Happening next = queue_.top();
        queue_.pop();
        time_ = next.at;
        next.what();
        if (checker_.breaches().size() > 3) {
            break;
        }
    }
    played_.changes = checker_.changes();
    judge_end();
    for (const std::string& breach : checker_.breaches()) {
        played_.breaches.push_back(breach);
    }
    return std::move(played_);
}

}  // namespace thimble::sim
