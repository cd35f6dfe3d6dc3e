#pragma once
/// @file What the connections of the server share, within its one thread that has the network. Private:
/// only https_server.cpp and conversation.cpp see Asio and Beast.

#include "thimble/server/context.hpp"
#include "thimble/server/shares.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <set>
#include <string>

namespace thimble::server {

namespace asio = boost::asio;

inline constexpr std::size_t kMaxConnections = 100'000;
// Who showed no certificate of ours; a site behind one address brings all its agents through here.
inline constexpr std::size_t kMaxStrangers = 4'000;
inline constexpr std::size_t kMaxOfAddress = 256;
inline constexpr std::size_t kMaxOfHost = 16;
inline constexpr std::size_t kMaxLargeBodies = 64;  // 8 MiB each at most
inline constexpr std::size_t kMaxLargeBodiesOfPeer = 2;
inline constexpr int kMaxQueued = 512;
inline constexpr int kMaxQueuedPasswords = 8;
inline constexpr int kMaxQueuedSignOns = 8;

inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

/// Those who wait for something to happen. Of the network's thread only.
class Waiting {
public:
    asio::awaitable<void> wait(std::chrono::steady_clock::duration patience) {
        asio::steady_timer timer(co_await asio::this_coro::executor, patience);
        timers_.insert(&timer);
        [[maybe_unused]] const auto outcome = co_await timer.async_wait(kAwait);
        timers_.erase(&timer);
    }
    void wake() {
        for (asio::steady_timer* timer : timers_) {
            timer->cancel();
        }
    }

private:
    std::set<asio::steady_timer*> timers_;
};

/// Threads for what blocks. Work is handed over and comes back to the network's thread.
class Workers {
public:
    Workers(std::size_t threads, int most_queued) : pool_(threads), most_queued_(most_queued) {}

    [[nodiscard]] bool is_full() const { return queued_ >= most_queued_; }

    asio::awaitable<Answer> run(std::function<Answer()> work) {
        ++queued_;
        const auto home = co_await asio::this_coro::executor;
        Answer answer = co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Answer)>(
            [this, home, &work](auto handler) {
                asio::post(pool_, [home, &work, handler = std::move(handler)]() mutable {
                    asio::post(home, [handler = std::move(handler), answer = work()]() mutable {
                        std::move(handler)(std::move(answer));
                    });
                });
            },
            asio::use_awaitable);
        --queued_;
        co_return answer;
    }
    void join() { pool_.join(); }
    asio::thread_pool& pool() { return pool_; }

private:
    asio::thread_pool pool_;
    int most_queued_;
    int queued_ = 0;
};

/// What connections share.
struct Hall {
    Context& context;
    const Clock& clock;
    asio::ssl::context& tls;
    Waiting waiting = {};
    Workers database{2, kMaxQueued};
    Workers passwords{1, kMaxQueuedPasswords};
    Workers provider{1, kMaxQueuedSignOns};
    Shares strangers = {kMaxStrangers, kMaxOfAddress};
    Shares hosts = {kMaxConnections, kMaxOfHost};
    Shares large_bodies = {kMaxLargeBodies, kMaxLargeBodiesOfPeer};

    [[nodiscard]] std::size_t connections() const { return strangers.taken() + hosts.taken(); }
};

/// What counts as one address: who has one of IPv6 usually has a network of them.
std::string network_of(const asio::ip::address& address);

}  // namespace thimble::server
