#include "thimble/server/rollout_thread.hpp"

#include "thimble/server/control_course.hpp"
#include "thimble/server/course_steps.hpp"
#include "thimble/server/emergency_watch.hpp"
#include "thimble/server/exception_course.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/store/deployments.hpp"

#include <chrono>
#include <utility>

namespace thimble::server {
namespace {

/// How late the opening of a window or the end of a soak is seen.
constexpr std::chrono::seconds kPeriod{10};
/// How late an emergency is opened by rule when nobody says that there is something urgent.
constexpr std::chrono::seconds kEmergencyPeriod{15};
/// How late the end of an exception is seen.
constexpr std::chrono::seconds kExceptionPeriod{60};
/// How late it is seen that a control was not proven in time.
constexpr std::chrono::seconds kControlPeriod{10};
/// Reports that come together are one step.
constexpr std::chrono::milliseconds kGather{200};

}  // namespace

RolloutThread::RolloutThread(
    Context& context, const Clock& clock, std::function<void(const std::string&)> complain)
    : context_(context), clock_(clock), complain_(std::move(complain)) {
    context_.hosts_moved.set([this] {
        const std::scoped_lock lock(mutex_);
        is_nudged_ = true;
        bell_.notify_one();
    });
    context_.urgent_found.set([this] {
        const std::scoped_lock lock(mutex_);
        is_nudged_ = is_urgent_ = true;
        bell_.notify_one();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

RolloutThread::~RolloutThread() {
    context_.hosts_moved.set({});
    context_.urgent_found.set({});
}

bool RolloutThread::take_urgent() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(is_urgent_, false);
}

void RolloutThread::look_for_emergencies(Instant now) {
    if (!take_urgent() && now < emergencies_at_ && now >= emergencies_at_ - kEmergencyPeriod) {
        return;
    }
    emergencies_at_ = now + kEmergencyPeriod;
    const auto opened = open_emergencies(context_, now);
    // What cannot be opened is tried again with every look, and told once.
    if (!opened && opened.error().text() != complaint_) {
        complaint_ = opened.error().text();
        complain_("an emergency cannot be opened: " + complaint_);
    }
}

void RolloutThread::look_for_exceptions(Instant now) {
    if (now < exceptions_at_ && now >= exceptions_at_ - kExceptionPeriod) {
        return;
    }
    exceptions_at_ = now + kExceptionPeriod;
    const auto done = turn_exceptions(context_, now);
    if (!done && done.error().code != "server.not_leading") {
        complain_("exceptions cannot be looked after: " + done.error().text());
    }
}

void RolloutThread::look_after_controls(Instant now) {
    if (now < controls_at_ && now >= controls_at_ - kControlPeriod) {
        return;
    }
    controls_at_ = now + kControlPeriod;
    const auto done = watch_controls(context_, now);
    if (!done && done.error().code != "server.not_leading") {
        complain_(done.error().text());
    }
}

void RolloutThread::tell_busy_hosts() {
    const auto busy = context_.database.look([](store::Connection& connection) {
        return store::hosts_of_running_rollouts(connection, phases_under_way());
    });
    if (busy) {
        context_.roster.with([&](Roster& roster) { roster.set_busy(*busy); });
    }
}

void RolloutThread::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (context_.leads()) {
            const Instant now = clock_.now();
            look_for_emergencies(now);
            look_for_exceptions(now);
            look_after_controls(now);
            const auto done = drive_rollouts(context_, now);
            // The next step finds the same to do; who leads no more leaves it to who does.
            if (!done && done.error().code != "server.not_leading") {
                complain_(done.error().text());
            }
        }
        tell_busy_hosts();
        std::unique_lock lock(mutex_);
        bell_.wait_for(lock, stop, kPeriod, [this] { return is_nudged_; });
        if (is_nudged_) {
            bell_.wait_for(lock, stop, kGather, [] { return false; });
        }
        is_nudged_ = false;
    }
}

}  // namespace thimble::server
