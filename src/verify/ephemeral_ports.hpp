#pragma once
/// @file Listening sockets whose ports the kernel chose: after a restart they are on others.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::verify {

/// The ports that a kernel gives to whoever asks for any, both ends included; none when `last` is 0.
struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    [[nodiscard]] bool contains(std::uint16_t port) const {
        return last != 0 && first <= port && port <= last;
    }
    bool operator==(const PortRange&) const = default;
};

/// What every Linux has unless it is told otherwise.
inline constexpr PortRange kUsualPorts{.first = 32'768, .last = 60'999};

/// @param text  /proc/sys/net/ipv4/ip_local_port_range, which IPv6 has in common
/// @return no ports when it is not two numbers
/// @source Documentation/networking/ip-sysctl.rst of Linux
PortRange parse_port_range(std::string_view text);

/// Takes out of both lists each pair that differs in nothing but a port, both ports being of the range.
/// @param lost, found  "tcp 0.0.0.0:40123" or "tcp 0.0.0.0:40123 rpc.statd"
/// @return how many pairs
std::size_t pair_moved(
    PortRange ports, std::vector<std::string>& lost, std::vector<std::string>& found);

}  // namespace thimble::verify
