#include "thimble/server/fleet_thread.hpp"

#include <chrono>

namespace thimble::server {
namespace {

/// How late a host is known to be silent, or a replaced catalog is seen.
constexpr std::chrono::seconds kPeriod{15};

}  // namespace

FleetThread::FleetThread(
    Context& context,
    const Clock& clock,
    const std::filesystem::path& catalog,
    std::function<void(const std::string&)> complain)
    : context_(context),
      complain_(std::move(complain)),
      reconciler_(context, clock, catalog, complain_) {
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

void FleetThread::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (const auto done = reconciler_.pass(stop); !done) {
            complain_(done.error().text());  // the next pass finds the same to do
        }
        std::unique_lock lock(mutex_);
        bell_.wait_for(lock, stop, kPeriod, [this] { return is_nudged_; });
        is_nudged_ = false;
    }
}

}  // namespace thimble::server
