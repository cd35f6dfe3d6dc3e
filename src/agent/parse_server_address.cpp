#include "thimble/agent/server_address.hpp"

#include <algorithm>

namespace thimble::agent {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kDefaultPort = "443";
constexpr std::size_t kMaxHost = 253;
constexpr std::size_t kMaxPort = 5;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_of_name(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.'
        || c == '_';
}

bool is_of_ipv6(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

Error bad_url() {
    return failure(
        ErrorKind::Invalid, "agent.bad_url", "the server's address is https://NAME:PORT");
}

}  // namespace

Result<ServerAddress> parse_server_address(std::string_view url) {
    if (!url.starts_with(kScheme)) {
        return bad_url();
    }
    std::string_view rest = url.substr(kScheme.size());
    if (rest.ends_with('/')) {
        rest.remove_suffix(1);
    }
    ServerAddress address;
    const bool is_ipv6 = rest.starts_with('[');
    const std::size_t end = is_ipv6 ? rest.find(']') : rest.find(':');
    if (is_ipv6) {
        if (end == std::string_view::npos) {
            return bad_url();
        }
        address.host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
    } else {
        address.host = rest.substr(0, end);
        rest.remove_prefix(address.host.size());
    }
    address.port = rest.empty() ? kDefaultPort : rest.substr(1);
    const bool is_good = !address.host.empty() && address.host.size() <= kMaxHost
        && std::ranges::all_of(address.host, is_ipv6 ? is_of_ipv6 : is_of_name)
        && (rest.empty() || rest.front() == ':') && !address.port.empty()
        && address.port.size() <= kMaxPort && std::ranges::all_of(address.port, is_digit);
    if (!is_good) {
        return bad_url();
    }
    return address;
}

std::string host_field(const ServerAddress& address) {
    const bool is_ipv6 = address.host.contains(':');
    return (is_ipv6 ? "[" + address.host + "]" : address.host) + ":" + address.port;
}

}  // namespace thimble::agent
