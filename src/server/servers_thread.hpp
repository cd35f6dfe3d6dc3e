#pragma once
/// @file The thread that hears what other servers on the database change, and sees to it that one of them leads.

#include "thimble/server/context.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace thimble::server {

/// Listens to `Context::changed_here` and to the database as long as it lives, where there may be others. Ends
/// after those who need the lead, and gives it up.
class ServersThread {
public:
    /// @param complain  is called from the thread
    ServersThread(
        Context& context, const Clock& clock, std::function<void(const std::string&)> complain);
    ServersThread(const ServersThread&) = delete;
    ServersThread& operator=(const ServersThread&) = delete;
    ServersThread(ServersThread&&) = delete;
    ServersThread& operator=(ServersThread&&) = delete;
    ~ServersThread();

private:
    void run(const std::stop_token& stop);
    Result<void> turn();
    void rest(const std::stop_token& stop);

    Context& context_;
    const Clock& clock_;
    std::function<void(const std::string&)> complain_;
    std::mutex mutex_;
    std::condition_variable_any bell_;
    bool is_called_ = false;  // under mutex_
    std::jthread thread_;     // last: it uses all above
};

}  // namespace thimble::server
