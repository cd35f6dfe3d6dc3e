#pragma once
/// @file The socket tables of the kernel: /proc/net/{tcp,tcp6,udp,udp6}.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// A socket that takes what comes from others.
struct ListeningSocket {
    std::string protocol;  ///< "tcp", "udp"
    std::string address;   ///< "0.0.0.0", "::1"; IPv4 in IPv6 as "::ffff:1.2.3.4"
    std::uint16_t port = 0;
    bool loopback = false;
    std::uint64_t inode = 0;
    bool operator==(const ListeningSocket&) const = default;
};

/// The listening TCP sockets, or the bound UDP sockets without a peer, of one table.
/// @param protocol  "tcp" or "udp"
/// @source proc_net(5), Documentation/networking/proc_net_tcp.rst; little-endian machines
std::vector<ListeningSocket> parse_net_table(std::string_view table, std::string_view protocol);

/// A connection that stands.
struct Connection {
    std::uint16_t port = 0;  ///< ours
    std::string peer;        ///< "192.0.2.7", "2001:db8::1"; IPv4 in IPv6 as IPv4
    bool loopback = false;   ///< the peer is
    bool operator==(const Connection&) const = default;
};

/// The established TCP connections of one table, in its order.
std::vector<Connection> parse_connections(std::string_view table);

}  // namespace thimble::inventory
