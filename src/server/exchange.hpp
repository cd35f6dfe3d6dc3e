#pragma once
/// @file A request and its response as plain values, apart from the library that reads them.

#include "thimble/base/instant.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace thimble::server {

enum class Method : std::uint8_t { Get, Post, Put, Patch, Delete, Other };

/// Where a request goes: the path's segments and the query's pairs, percent-decoded.
struct Target {
    std::vector<std::string> segments;
    std::vector<std::pair<std::string, std::string>> query;

    /// The first value of that name; empty when there is none.
    [[nodiscard]] std::string_view query_value(std::string_view name) const;
    bool operator==(const Target&) const = default;
};

/// Whose certificate a connection showed. TLS has checked that our authority signed it.
struct PeerCertificate {
    std::string host_id;
    std::string serial;  ///< hexadecimal
    bool operator==(const PeerCertificate&) const = default;
};

/// What somebody asks.
struct Request {
    Method method = Method::Other;
    Target target;
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::string body;
    std::string peer_address;  ///< without the port
    std::optional<PeerCertificate> certificate;
    Instant now;

    /// The first header of that lower-case name; empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// What is answered.
struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// How often a request was answered by a handler before: a long poll is tried again.
enum class Attempt : std::uint8_t {
    First,
    Again,  ///< something happened
    Last,   ///< the time is up, or it does not wait: there must be an answer
};

/// Answered again when something happened, or when the time is up.
struct LongPoll {
    std::chrono::seconds patience{0};
};

/// A stream of server-sent events that begins after an entry of the audit log.
struct EventStream {
    std::int64_t after = 0;
};

using Answer = std::variant<Response, LongPoll, EventStream>;

}  // namespace thimble::server
