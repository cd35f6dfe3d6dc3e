#pragma once
/// @file Many connections of agents in one thread: TLS over sockets that never block, HTTP/1.1, at most one
/// request at a time on each.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::loadgen {

/// Where the server is, and whom its certificate must come from.
struct ServerAddress {
    std::string host;  ///< an IPv4 address
    std::uint16_t port = 0;
    std::string authority;  ///< file, PEM
};

/// What happened on the connection of one agent.
struct CrowdEvent {
    enum class Kind : std::uint8_t { Connected, Answered, Lost };
    Kind kind = Kind::Lost;
    std::size_t agent = 0;
    unsigned status = 0;
    std::string_view body;  ///< until the handler returns; of Lost: why
};

class Crowd {
public:
    /// @param agents  how many there can be at most
    /// @error Unavailable
    static Result<Crowd> of(const ServerAddress& server, std::size_t agents);
    Crowd(Crowd&& other) noexcept;
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;
    Crowd& operator=(Crowd&&) = delete;
    ~Crowd();

    /// Begins to connect; with a certificate unless `certificate` is empty.
    void connect(std::size_t agent, const std::string& certificate, const std::string& key);
    /// Sends a request on a connection that is open and has nothing outstanding.
    void ask(std::size_t agent, std::string request);
    void hang_up(std::size_t agent);
    /// Waits for what happens, at most that long, and tells of it.
    void wait(int milliseconds, const std::function<void(const CrowdEvent&)>& handler);

private:
    struct State;
    explicit Crowd(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// A request as it goes over the wire.
std::string request_text(
    std::string_view method, std::string_view path, std::string_view type, std::string_view body);

}  // namespace thimble::loadgen
