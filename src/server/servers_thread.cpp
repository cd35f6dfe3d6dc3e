#include "thimble/server/servers_thread.hpp"

#include "thimble/server/catch_up.hpp"
#include "thimble/server/lead.hpp"

#include <chrono>

namespace thimble::server {
namespace {

/// How late what another server changed is heard of.
constexpr std::chrono::milliseconds kPeriod{500};

}  // namespace

ServersThread::ServersThread(
    Context& context, const Clock& clock, std::function<void(const std::string&)> complain)
    : context_(context), clock_(clock), complain_(std::move(complain)) {
    if (!context_.database.is_shared()) {
        return;
    }
    context_.changed_here.set([this] {
        const std::scoped_lock lock(mutex_);
        is_called_ = true;
        bell_.notify_one();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

ServersThread::~ServersThread() {
    context_.changed_here.set({});
    if (!thread_.joinable()) {
        return;
    }
    thread_.request_stop();
    thread_.join();
    if (const auto done = give_up_lead(context_); !done) {
        complain_(done.error().text());  // it ends by itself
    }
}

void ServersThread::run(const std::stop_token& stop) {
    bool was_well = true;
    while (!stop.stop_requested()) {
        const auto done = turn();
        if (!done && was_well) {
            complain_(done.error().text());  // once: the next turn finds the same to do
        }
        was_well = done.has_value();
        rest(stop);
    }
}

Result<void> ServersThread::turn() {
    THIMBLE_TRY(const store::ServersState state, catch_up(context_, clock_.now()));
    const auto [led, is_to_ask] = context_.leadership.with([&](const Leadership& known) {
        const auto now = std::chrono::steady_clock::now();
        return std::pair(
            known.leads(now), known.is_to_ask(now, state.lead, context_.server_id, state.now));
    });
    if (is_to_ask) {
        THIMBLE_TRY(const bool leads, ask_for_lead(context_, clock_.now()));
        if (leads && !led) {
            context_.documents_changed();  // there may be something to judge
        }
    }
    return {};
}

void ServersThread::rest(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    bell_.wait_for(lock, stop, kPeriod, [this] { return is_called_; });
    is_called_ = false;
}

}  // namespace thimble::server
