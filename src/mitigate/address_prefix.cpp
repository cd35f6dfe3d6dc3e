#include "thimble/mitigate/address_prefix.hpp"

#include "thimble/base/lines.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>

namespace thimble::mitigate {
namespace {

constexpr unsigned kBitsOfAByte = 8;
using Bytes = std::array<unsigned char, 16>;

void clear_behind(Bytes& bytes, unsigned bits) {
    for (std::size_t at = bits / kBitsOfAByte; at < bytes.size(); ++at) {
        const unsigned kept = at == bits / kBitsOfAByte ? bits % kBitsOfAByte : 0;
        bytes.at(at) &= static_cast<unsigned char>(0xff00U >> kept);
    }
}

}  // namespace

std::optional<std::string> prefix_in(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    const int family = is_ipv6(address) ? AF_INET6 : AF_INET;
    const unsigned all = family == AF_INET6 ? 128 : 32;
    Bytes bytes{};
    if (::inet_pton(family, address.c_str(), bytes.data()) != 1) {
        return std::nullopt;
    }
    unsigned bits = all;
    if (slash != std::string_view::npos) {
        const auto written = number_in<unsigned>(text.substr(slash + 1));
        if (!written || *written > all) {
            return std::nullopt;
        }
        bits = *written;
    }
    clear_behind(bytes, bits);
    std::array<char, INET6_ADDRSTRLEN> form{};
    ::inet_ntop(family, bytes.data(), form.data(), form.size());
    return std::string(form.data()) + (bits == all ? "" : "/" + std::to_string(bits));
}

bool is_within(std::string_view address, std::string_view prefix) {
    const std::size_t slash = prefix.find('/');
    const std::string bits =
        slash == std::string_view::npos ? "" : std::string(prefix.substr(slash));
    const auto network = prefix_in(std::string(address) + bits);
    return address_in(address) && is_ipv6(address) == is_ipv6(prefix)
        && network == prefix_in(prefix);
}

std::optional<std::string> address_in(std::string_view text) {
    return text.contains('/') ? std::nullopt : prefix_in(text);
}

}  // namespace thimble::mitigate
