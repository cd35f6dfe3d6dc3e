#pragma once
/// @file The thread that keeps what is said of hosts and their jobs true: by a nudge and by period.

#include "thimble/server/fleet_reconciler.hpp"
#include "thimble/server/retention.hpp"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace thimble::server {

/// Listens to `Context::documents_changed` and runs passes as long as it lives.
class FleetThread {
public:
    /// @param complain  is called from the thread
    FleetThread(
        Context& context,
        const Clock& clock,
        const std::filesystem::path& catalog,
        RetentionTimes times,
        std::function<void(const std::string&)> complain);
    FleetThread(const FleetThread&) = delete;
    FleetThread& operator=(const FleetThread&) = delete;
    FleetThread(FleetThread&&) = delete;
    FleetThread& operator=(FleetThread&&) = delete;
    ~FleetThread();

private:
    Result<void> lose_overdue();
    void run(const std::stop_token& stop);
    void rest(const std::stop_token& stop);

    Context& context_;
    const Clock& clock_;
    std::function<void(const std::string&)> complain_;
    FleetReconciler reconciler_;
    Retention retention_;
    std::mutex mutex_;
    std::condition_variable_any bell_;
    bool is_nudged_ = false;  // under mutex_
    std::jthread thread_;     // last: it uses all above
};

}  // namespace thimble::server
