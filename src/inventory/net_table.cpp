#include "thimble/inventory/net_table.hpp"

#include "thimble/base/lines.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxSockets = 100'000;
constexpr std::string_view kTcpListen = "0A";
constexpr std::string_view kUdpUnconnected = "07";
constexpr std::string_view kEstablished = "01";

using Bytes = std::array<std::uint8_t, 16>;

struct Address {
    Bytes bytes{};  ///< in network order, 4 or 16 of them
    std::size_t size = 0;
    std::uint16_t port = 0;
};

/// Each group of 8 digits is one word of the address, printed in the machine's byte order.
std::optional<Address> parse_address(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || (colon != 8 && colon != 32)) {
        return std::nullopt;
    }
    Address address;
    const auto port = number_in<std::uint16_t>(text.substr(colon + 1), 16);
    if (!port) {
        return std::nullopt;
    }
    address.port = *port;
    for (std::size_t at = 0; at < colon; at += 8) {
        const auto word = number_in<std::uint32_t>(text.substr(at, 8), 16);
        if (!word) {
            return std::nullopt;
        }
        for (unsigned byte = 0; byte < 4; ++byte) {
            address.bytes[address.size++] = static_cast<std::uint8_t>(*word >> (8 * byte));
        }
    }
    return address;
}

std::string dotted(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += text.empty() ? "" : ".";
        text += std::to_string(byte);
    }
    return text;
}

bool is_mapped_v4(const Address& address) {
    return address.size == 16
        && std::all_of(
               address.bytes.begin(), address.bytes.begin() + 10, [](auto b) { return b == 0; })
        && address.bytes[10] == 0xff && address.bytes[11] == 0xff;
}

/// The longest run of zero groups, of at least two: begin and length.
std::pair<std::size_t, std::size_t> zero_run(const std::array<unsigned, 8>& groups) {
    std::pair<std::size_t, std::size_t> best{8, 1};
    std::size_t length = 0;
    for (std::size_t at = 0; at < groups.size(); ++at) {
        length = groups[at] == 0 ? length + 1 : 0;
        if (length > best.second) {
            best = {at + 1 - length, length};
        }
    }
    return best;
}

void append_hex(std::string& text, unsigned group) {
    std::array<char, 4> digits{};
    auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), group, 16).ptr;
    text.append(digits.data(), end);
}

/// @source RFC 5952
std::string colon_form(const Address& address) {
    if (is_mapped_v4(address)) {
        return "::ffff:" + dotted(std::span(address.bytes).subspan(12));
    }
    std::array<unsigned, 8> groups{};
    for (std::size_t at = 0; at < groups.size(); ++at) {
        groups[at] = (unsigned{address.bytes[2 * at]} << 8U) | address.bytes[(2 * at) + 1];
    }
    const auto [begin, length] = zero_run(groups);
    std::string text;
    for (std::size_t at = 0; at < groups.size(); ++at) {
        if (at == begin) {
            text += "::";
            at += length - 1;
            continue;
        }
        text += text.empty() || text.ends_with(':') ? "" : ":";
        append_hex(text, groups[at]);
    }
    return text;
}

bool is_loopback(const Address& address) {
    if (address.size == 4) {
        return address.bytes[0] == 127;
    }
    if (is_mapped_v4(address)) {
        return address.bytes[12] == 127;
    }
    return std::all_of(
               address.bytes.begin(), address.bytes.end() - 1, [](auto b) { return b == 0; })
        && address.bytes[15] == 1;
}

std::string text_of(const Address& address) {
    return address.size == 4 ? dotted(std::span(address.bytes).first(4)) : colon_form(address);
}

/// `sl local remote st tx:rx tr:when retrnsmt uid timeout inode …`
std::optional<ListeningSocket> parse_row(std::string_view line, std::string_view protocol) {
    take_word(line);
    const auto local = parse_address(take_word(line));
    const auto remote = parse_address(take_word(line));
    const std::string_view state = take_word(line);
    if (!local || !remote) {
        return std::nullopt;
    }
    const bool has_peer =
        remote->port != 0 || std::ranges::any_of(remote->bytes, [](auto b) { return b != 0; });
    const bool listens =
        protocol == "tcp" ? state == kTcpListen : state == kUdpUnconnected && !has_peer;
    if (!listens) {
        return std::nullopt;
    }
    for (int skipped = 0; skipped < 5; ++skipped) {
        take_word(line);
    }
    const auto inode = number_in<std::uint64_t>(take_word(line));
    if (!inode) {
        return std::nullopt;
    }
    return ListeningSocket{
        .protocol = std::string(protocol),
        .address = text_of(*local),
        .port = local->port,
        .loopback = is_loopback(*local),
        .inode = *inode};
}

}  // namespace

std::vector<Connection> parse_connections(std::string_view table) {
    std::vector<Connection> connections;
    Lines lines(table);
    for (std::string_view line; lines.next(line) && connections.size() < kMaxSockets;) {
        take_word(line);
        const auto local = parse_address(take_word(line));
        const auto remote = parse_address(take_word(line));
        if (local && remote && take_word(line) == kEstablished) {
            const bool is_v4 = is_mapped_v4(*remote);
            connections.push_back(
                {.port = local->port,
                 .peer = is_v4 ? dotted(std::span(remote->bytes).subspan(12)) : text_of(*remote),
                 .loopback = is_loopback(*remote)});
        }
    }
    return connections;
}

std::vector<ListeningSocket> parse_net_table(std::string_view table, std::string_view protocol) {
    std::vector<ListeningSocket> sockets;
    Lines lines(table);
    for (std::string_view line; lines.next(line) && sockets.size() < kMaxSockets;) {
        if (auto socket = parse_row(line, protocol)) {
            sockets.push_back(*std::move(socket));
        }
    }
    return sockets;
}

}  // namespace thimble::inventory
