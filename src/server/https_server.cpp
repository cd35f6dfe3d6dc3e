// The listening side; conversation.cpp has what is said on a connection.
#include "thimble/server/https_server.hpp"

#include "thimble/server/conversation.hpp"
#include "thimble/server/peer_certificate.hpp"
#include "thimble/server/sightings.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>

namespace thimble::server {
namespace {

using asio::ip::tcp;
using std::chrono::seconds;

constexpr std::size_t kSpareDescriptors = 256;
constexpr seconds kFlushEvery{5};

/// As many descriptors as the system lets this process have.
/// @return how many connections that is good for
std::size_t raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
    return std::min(kMaxConnections, descriptors - std::min(descriptors / 2, kSpareDescriptors));
}

asio::awaitable<void> accept_all(Hall& hall, tcp::acceptor& acceptor) {
    const std::size_t most = raise_descriptor_limit();
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(kAwait);
        if (error == asio::error::operation_aborted) {
            co_return;
        }
        if (error || hall.connections() >= most) {
            // Out of descriptors, or enough connections: let some of them end.
            asio::steady_timer pause(acceptor.get_executor(), std::chrono::milliseconds(20));
            [[maybe_unused]] const auto paused = co_await pause.async_wait(kAwait);
            continue;
        }
        // Without it an answer waits for the acknowledgement of what came before.
        error = socket.set_option(tcp::no_delay(true), error);
        const auto peer = socket.remote_endpoint(error);
        auto seat = error ? std::nullopt : hall.strangers.take(network_of(peer.address()));
        if (!seat) {
            continue;  // it closes; the others of this address go on
        }
        asio::co_spawn(
            acceptor.get_executor(),
            converse(hall, std::move(socket), *std::move(seat)),
            asio::detached);
    }
}

asio::awaitable<void> flush_regularly(
    Hall& hall, const std::function<void(const std::string&)>& complain) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        timer.expires_after(kFlushEvery);
        auto [error] = co_await timer.async_wait(kAwait);
        if (error) {
            co_return;
        }
        // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines): no coroutine
        co_await hall.database.run([&]() -> Answer {
            if (const auto written = write_sightings(hall.context); !written) {
                complain(written.error().text());
            }
            return Response{};
        });
    }
}

}  // namespace

struct HttpsServer::Loop {
    asio::io_context io{1};
    asio::ssl::context tls{asio::ssl::context::tls_server};
    tcp::acceptor acceptor{io};
};

HttpsServer::HttpsServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpsServer::HttpsServer(HttpsServer&& other) noexcept = default;
HttpsServer& HttpsServer::operator=(HttpsServer&& other) noexcept = default;
HttpsServer::~HttpsServer() = default;

Result<HttpsServer> HttpsServer::listen(
    const ListenAddress& address,
    const ServerIdentity& identity,
    const std::string& authority_pem) {
    auto loop = std::make_unique<Loop>();
    THIMBLE_TRY(configure_tls(loop->tls.native_handle(), identity, authority_pem));
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address.address, error);
    const tcp::endpoint endpoint(ip, address.port);
    if (!error) {
        error = loop->acceptor.open(endpoint.protocol(), error);
    }
    if (!error) {
        error = loop->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
        error = loop->acceptor.bind(endpoint, error);
    }
    if (!error) {
        error = loop->acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        return failure(
            ErrorKind::Unavailable,
            "server.cannot_listen",
            address.address + ":" + std::to_string(address.port) + ": " + error.message());
    }
    return HttpsServer(std::move(loop));
}

std::uint16_t HttpsServer::port() const {
    boost::system::error_code ignored;
    return loop_->acceptor.local_endpoint(ignored).port();
}

void HttpsServer::run(
    Context& context, const Clock& clock, const std::function<void(const std::string&)>& complain) {
    Hall hall{.context = context, .clock = clock, .tls = loop_->tls};
    context.wake.set([this, &hall] { asio::post(loop_->io, [&hall] { hall.waiting.wake(); }); });
    {
        asio::signal_set signals(loop_->io, SIGTERM, SIGINT);  // goes before the loop does
        signals.async_wait([this](boost::system::error_code, int) { loop_->io.stop(); });
        asio::co_spawn(loop_->io, accept_all(hall, loop_->acceptor), asio::detached);
        asio::co_spawn(loop_->io, flush_regularly(hall, complain), asio::detached);
        loop_->io.run();
    }
    hall.database.join();
    hall.passwords.join();
    hall.provider.join();
    context.wake.set({});
    if (const auto written = write_sightings(context); !written) {
        complain(written.error().text());
    }
    // What still waits goes before the hall that it refers to.
    loop_.reset();
}

}  // namespace thimble::server
