#include "thimble/server/parse_listen_address.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace thimble::server {
namespace {

bool is_address(const std::string& text, int family) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(family, text.c_str(), bytes.data()) == 1;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
    const auto bad = [&] {
        return failure(
            ErrorKind::Invalid,
            "server.bad_listen_address",
            "\"" + std::string(text) + "\" is not ADDRESS:PORT");
    };
    ListenAddress listen;
    const std::size_t colon = text.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
    std::string_view address = colon == std::string_view::npos ? "" : text.substr(0, colon);
    const bool is_bracketed = address.starts_with('[') && address.ends_with(']');
    if (is_bracketed) {
        address = address.substr(1, address.size() - 2);
    }
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
    if (error != std::errc() || end != port.data() + port.size()) {
        return bad();
    }
    if (!address.empty() || is_bracketed) {
        listen.address = address;
        if (!is_address(listen.address, is_bracketed ? AF_INET6 : AF_INET)) {
            return bad();
        }
    }
    return listen;
}

}  // namespace thimble::server
