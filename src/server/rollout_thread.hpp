#pragma once
/// @file The thread that gives hosts of rollouts their turn, and controls what is due of them: by a nudge and by
/// period.

#include "thimble/base/instant.hpp"
#include "thimble/server/context.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace thimble::server {

/// Listens to `Context::hosts_moved` and `Context::urgent_found`, and drives every rollout as long as it lives.
class RolloutThread {
public:
    /// @param complain  is called from the thread
    RolloutThread(
        Context& context, const Clock& clock, std::function<void(const std::string&)> complain);
    RolloutThread(const RolloutThread&) = delete;
    RolloutThread& operator=(const RolloutThread&) = delete;
    RolloutThread(RolloutThread&&) = delete;
    RolloutThread& operator=(RolloutThread&&) = delete;
    ~RolloutThread();

private:
    void run(const std::stop_token& stop);
    bool take_urgent();
    void look_for_emergencies(Instant now);
    void look_for_exceptions(Instant now);
    void look_after_controls(Instant now);
    /// The agents' door hears which hosts are about to be changed.
    void tell_busy_hosts();

    Context& context_;
    const Clock& clock_;
    std::function<void(const std::string&)> complain_;
    std::mutex mutex_;
    std::condition_variable_any bell_;
    bool is_nudged_ = false;  // under mutex_
    bool is_urgent_ = false;  // likewise: what emergencies are opened for was found
    Instant emergencies_at_;  // the thread's own, as the next three
    Instant exceptions_at_;
    Instant controls_at_;
    std::string complaint_;
    std::jthread thread_;  // last: it uses all above
};

}  // namespace thimble::server
