#pragma once
/// @file One connection from its handshake to its end.

#include "thimble/server/hall.hpp"

namespace thimble::server {

/// Answers what comes, one request after the other.
/// @param seat  the connection's share; it counts for the host as soon as that has shown its certificate
asio::awaitable<void> converse(Hall& hall, asio::ip::tcp::socket socket, Share seat);

}  // namespace thimble::server
