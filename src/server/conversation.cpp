#include "thimble/server/conversation.hpp"

#include "thimble/server/dispatcher.hpp"
#include "thimble/server/parse_target.hpp"
#include "thimble/server/peer_certificate.hpp"
#include "thimble/server/problem.hpp"
#include "thimble/server/sightings.hpp"

#include <boost/asio/ip/network_v6.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <algorithm>

namespace thimble::server {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using Parser = http::request_parser<http::string_body>;
using std::chrono::seconds;

constexpr std::uint32_t kHeaderBytes = 16U << 10U;
constexpr std::size_t kBufferBytes = 64U << 10U;
constexpr std::uint64_t kLargestBody = std::uint64_t{8} << 20U;
constexpr std::size_t kLargeBody = 64U << 10U;
constexpr seconds kHandshakeTime{10};
constexpr seconds kIdleTime{90};
constexpr seconds kRequestTime{30};
constexpr seconds kHeartbeat{15};
constexpr std::chrono::minutes kStreamTime{10};
constexpr unsigned kOk = 200;
constexpr unsigned kTooLarge = 413;

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

std::string_view view_of(beast::string_view text) {
    return {text.data(), text.size()};
}

/// HTTP/1.0 clients expect the end of the connection unless told otherwise.
bool keeps_alive(const Parser& parser) {
    return parser.get().version() >= 11 && parser.get().keep_alive();
}

Result<Request> request_of(const Parser& parser) {
    const auto& message = parser.get();
    Request request;
    request.method = method_of(view_of(message.method_string()));
    THIMBLE_TRY(request.target, parse_target(view_of(message.target())));
    for (const auto& field : message) {
        request.headers.emplace_back(
            lower(view_of(field.name_string())), std::string(view_of(field.value())));
    }
    return request;
}

http::response<http::string_body> message_of(Response response, Instant now, bool keep_alive) {
    http::response<http::string_body> message{
        static_cast<http::status>(response.status), 11, std::move(response.body)};
    for (const auto& [name, value] : response.headers) {
        message.insert(name, value);
    }
    if (!response.content_type.empty()) {
        message.set(http::field::content_type, response.content_type);
    }
    message.set(http::field::date, http_date(now));
    message.keep_alive(keep_alive);
    message.prepare_payload();
    if (response.status == 204 || response.status == 304) {
        message.erase(http::field::content_length);
    }
    return message;
}

/// One connection from handshake to end.
class Conversation {
public:
    Conversation(Hall& hall, tcp::socket socket, Share seat)
        : hall_(hall),
          seat_(std::move(seat)),
          stream_(std::move(socket), hall.tls),
          buffer_(kBufferBytes) {
        boost::system::error_code ignored;
        const auto peer = beast::get_lowest_layer(stream_).socket().remote_endpoint(ignored);
        peer_address_ = peer.address().to_string();
        peer_ = network_of(peer.address());
    }

    asio::awaitable<void> run() {
        limit_time(kHandshakeTime);
        auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
        if (error) {
            co_return;
        }
        certificate_ = peer_certificate_of(stream_.native_handle());
        if (certificate_ && !take_seat_of_host(certificate_->host_id)) {
            co_return;
        }
        while (co_await answer_one()) {}
        limit_time(kHandshakeTime);
        if (is_unread_) {
            co_await discard();
        } else {
            [[maybe_unused]] const auto ended = co_await stream_.async_shutdown(kAwait);
        }
    }

private:
    /// From now on the connection counts for its host, no longer for its address.
    bool take_seat_of_host(const std::string& host_id) {
        peer_ = host_id;
        auto seat = hall_.hosts.take(peer_);
        if (!seat) {
            return false;
        }
        seat_ = *std::move(seat);
        return true;
    }

    void limit_time(std::chrono::steady_clock::duration time) {
        beast::get_lowest_layer(stream_).expires_after(time);
    }

    /// Closing while something is unread would reset the connection, and the peer would lose the refusal
    /// that was just written: so our side ends first, and what still comes is thrown away.
    asio::awaitable<void> discard() {
        auto& socket = beast::get_lowest_layer(stream_);
        boost::system::error_code error;
        error = socket.socket().shutdown(tcp::socket::shutdown_send, error);
        std::string piece(kBufferBytes, '\0');
        std::uint64_t thrown_away = 0;
        while (!error && thrown_away < 2 * kLargestBody) {
            auto [ended, size] = co_await socket.async_read_some(asio::buffer(piece), kAwait);
            error = ended;
            thrown_away += size;
        }
    }

    /// @return whether another request may follow
    asio::awaitable<bool> answer_one() {
        Parser parser;
        parser.header_limit(kHeaderBytes);
        parser.body_limit(kLargestBody);
        limit_time(kIdleTime);
        auto [error, size] = co_await http::async_read_header(stream_, buffer_, parser, kAwait);
        // Named: g++ 12 destroys a braced temporary of a co_await expression twice.
        const Request nobody;
        if (error == http::error::header_limit || error == http::error::body_limit) {
            is_unread_ = true;
            co_await write(
                nobody, problem(kTooLarge, "server.too_large", "the request is too large"), false);
        }
        if (error) {
            co_return false;
        }
        limit_time(kRequestTime);
        auto request = request_of(parser);
        if (!request) {
            is_unread_ = !parser.is_done();
            co_await write(nobody, problem_of(request.error()), false);
            co_return false;
        }
        request->peer_address = peer_address_;
        request->certificate = certificate_;
        request->now = hall_.clock.now();
        co_return co_await answer_request(parser, *request);
    }

    asio::awaitable<bool> answer_request(Parser& parser, Request& request) {
        const Routed routed = route_of(request.method, request.target);
        if (is_stranger(hall_.context, request, routed)) {
            Response met = co_await meet(request);
            if (met.status != kOk) {
                is_unread_ = !parser.is_done();
                co_return co_await write(request, std::move(met), false);
            }
        }
        if (auto refused = refusal_of(hall_.context, request, routed)) {
            // The body was not read, so nothing can follow it.
            is_unread_ = !parser.is_done();
            const bool keep_alive = parser.is_done() && keeps_alive(parser);
            co_return co_await write(request, *std::move(refused), keep_alive);
        }
        if (!co_await read_body(parser, request, body_limit(routed))) {
            co_return false;
        }
        const bool keep_alive = keeps_alive(parser);
        request.body = std::move(parser.get().body());
        Answer answer = co_await answer_by_work(request, routed);
        if (const auto* poll = std::get_if<LongPoll>(&answer)) {
            answer = co_await long_poll(request, routed, poll->patience);
        }
        if (const auto* events = std::get_if<EventStream>(&answer)) {
            co_await stream_events(*events);
            co_return false;
        }
        co_return co_await write(request, std::get<Response>(std::move(answer)), keep_alive);
    }

    asio::awaitable<Response> meet(const Request& request) {
        if (hall_.database.is_full()) {
            co_return problem(503, "server.busy", "too many requests at once");
        }
        // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines): no coroutine
        const std::function<Answer()> work = [this, &request]() -> Answer {
            return meet_stranger(hall_.context, request);
        };
        Answer met = co_await hall_.database.run(work);
        co_return std::get<Response>(std::move(met));
    }

    asio::awaitable<bool> read_body(Parser& parser, const Request& request, std::size_t limit) {
        if (parser.content_length().value_or(0) > limit) {
            is_unread_ = true;
            co_await write(
                request, problem(kTooLarge, "server.too_large", "the body is too large"), false);
            co_return false;
        }
        parser.body_limit(limit);  // of a body in chunks
        // As long as it is read it takes memory, and who sends it decides how long that is.
        std::optional<Share> place;
        if (!parser.is_done() && parser.content_length().value_or(limit) > kLargeBody) {
            place = hall_.large_bodies.take(peer_);
            if (!place) {
                is_unread_ = true;
                co_await write(
                    request, problem(503, "server.busy", "too many large bodies at once"), false);
                co_return false;
            }
        }
        if (!parser.is_done() && request.header("expect") == "100-continue") {
            const http::response<http::empty_body> go_on{http::status::continue_, 11};
            auto [error, size] = co_await http::async_write(stream_, go_on, kAwait);
            if (error) {
                co_return false;
            }
        }
        if (parser.is_done()) {
            co_return true;
        }
        auto [error, size] = co_await http::async_read(stream_, buffer_, parser, kAwait);
        if (error == http::error::body_limit) {
            is_unread_ = true;
            co_await write(
                request, problem(kTooLarge, "server.too_large", "the body is too large"), false);
        }
        co_return !error;
    }

    Workers& workers_for(Work work) {
        switch (work) {
            case Work::Password: return hall_.passwords;
            case Work::Provider: return hall_.provider;
            case Work::Memory:
            case Work::Database: break;
        }
        return hall_.database;
    }

    asio::awaitable<Answer> answer_by_work(const Request& request, const Routed& routed) {
        const auto work = [this, &request, &routed] {
            return answer(hall_.context, request, routed, Attempt::First);
        };
        if (routed.route->work == Work::Memory) {
            co_return work();
        }
        Workers& workers = workers_for(routed.route->work);
        if (workers.is_full()) {
            co_return problem(503, "server.busy", "too many requests at once");
        }
        co_return co_await workers.run(work);
    }

    /// Asks again each time something happens. The routes of long polls work in memory.
    asio::awaitable<Answer> long_poll(Request& request, const Routed& routed, seconds patience) {
        const auto end = std::chrono::steady_clock::now() + patience;
        limit_time(patience + kRequestTime);
        for (;;) {
            co_await hall_.waiting.wait(end - std::chrono::steady_clock::now());
            request.now = hall_.clock.now();
            const bool is_last = std::chrono::steady_clock::now() >= end;
            if (auto refused = refusal_of(hall_.context, request, routed)) {
                co_return *std::move(refused);
            }
            Answer again =
                answer(hall_.context, request, routed, is_last ? Attempt::Last : Attempt::Again);
            if (std::holds_alternative<Response>(again)) {
                co_return again;
            }
        }
    }

    asio::awaitable<void> stream_events(EventStream position) {
        http::response<http::empty_body> head{http::status::ok, 11};
        head.set(http::field::content_type, "text/event-stream");
        head.set(http::field::cache_control, "no-store");
        head.set("X-Content-Type-Options", "nosniff");
        head.chunked(true);
        http::response_serializer<http::empty_body> serializer{head};
        limit_time(kRequestTime);
        auto [error, size] = co_await http::async_write_header(stream_, serializer, kAwait);
        const auto end = std::chrono::steady_clock::now() + kStreamTime;
        while (!error && std::chrono::steady_clock::now() < end) {
            std::string text;
            hall_.context.events.with([&](const EventLog& log) {
                text = log.stream_after(position.after);
                position.after = log.head();
            });
            // A comment now and then tells whether somebody still listens.
            text = text.empty() ? ":\n\n" : text;
            limit_time(kRequestTime);
            auto [lost, written] =
                co_await asio::async_write(stream_, http::make_chunk(asio::buffer(text)), kAwait);
            error = lost;
            limit_time(kHeartbeat + kRequestTime);
            if (!error) {
                co_await hall_.waiting.wait(kHeartbeat);
            }
        }
        if (!error) {
            [[maybe_unused]] const auto ended =
                co_await asio::async_write(stream_, http::make_chunk_last(), kAwait);
        }
    }

    asio::awaitable<bool> write(const Request& request, Response response, bool keep_alive) {
        auto message =
            message_of(finished(request, std::move(response)), hall_.clock.now(), keep_alive);
        limit_time(kRequestTime);
        auto [error, size] = co_await http::async_write(stream_, message, kAwait);
        co_return !error && keep_alive;
    }

    Hall& hall_;
    Share seat_;
    Stream stream_;
    beast::flat_buffer buffer_;
    std::string peer_address_;
    std::string peer_;  // whose shares it takes: a network, or a host
    std::optional<PeerCertificate> certificate_;
    bool is_unread_ = false;  // something of the last request was not read
};

}  // namespace

/// What counts as one address: who has one of IPv6 usually has a network of them.
std::string network_of(const asio::ip::address& address) {
    if (address.is_v6() && !address.to_v6().is_v4_mapped()) {
        return asio::ip::make_network_v6(address.to_v6(), 64).canonical().to_string();
    }
    return address.to_string();
}

asio::awaitable<void> converse(Hall& hall, tcp::socket socket, Share seat) {
    try {
        Conversation conversation(hall, std::move(socket), std::move(seat));
        co_await conversation.run();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
        // No memory for this one: it ends, the others go on.
    }
}

}  // namespace thimble::server
