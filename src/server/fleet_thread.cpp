#include "thimble/server/fleet_thread.hpp"

#include "thimble/server/deployment_course.hpp"

#include <chrono>

namespace thimble::server {
namespace {

/// How late a host is known to be silent.
constexpr std::chrono::seconds kPeriod{15};
/// How late a replaced catalog is seen.
constexpr std::chrono::milliseconds kLook{500};

}  // namespace

FleetThread::FleetThread(
    Context& context,
    const Clock& clock,
    const std::filesystem::path& catalog,
    RetentionTimes times,
    std::function<void(const std::string&)> complain)
    : context_(context),
      clock_(clock),
      complain_(std::move(complain)),
      reconciler_(context, clock, catalog, complain_),
      retention_(context, clock, times) {
    context_.documents_changed.set([this] {
        const std::scoped_lock lock(mutex_);
        is_nudged_ = true;
        bell_.notify_one();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

FleetThread::~FleetThread() {
    context_.documents_changed.set({});
}

Result<void> FleetThread::lose_overdue() {
    const Instant now = clock_.now();
    return change(context_, now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
        THIMBLE_TRY(JobChanges changes, lose_overdue_jobs(context_, connection, trail));
        trail.tell(std::move(changes));
        return {};
    });
}

void FleetThread::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (const auto done = reconciler_.pass(stop); !done) {
            complain_(done.error().text());  // the next pass finds the same to do
        }
        if (const auto done = lose_overdue(); !done) {
            complain_(done.error().text());
        }
        if (const auto done = retention_.pass(stop); !done) {
            complain_(done.error().text());
        }
        rest(stop);
    }
}

/// Until there may be something to do.
void FleetThread::rest(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    for (auto left = std::chrono::milliseconds(kPeriod); left.count() > 0; left -= kLook) {
        const bool is_called = bell_.wait_for(lock, stop, kLook, [this] { return is_nudged_; });
        if (is_called || stop.stop_requested() || reconciler_.has_new_catalog()) {
            break;
        }
    }
    is_nudged_ = false;
}

}  // namespace thimble::server
