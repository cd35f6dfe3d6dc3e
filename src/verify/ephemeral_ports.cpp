#include "thimble/verify/ephemeral_ports.hpp"

#include "thimble/base/lines.hpp"

#include <algorithm>
#include <optional>

namespace thimble::verify {
namespace {

/// A listener without its port, when that is of the range; else nothing. A process may call itself
/// anything, so what counts is the second word.
std::optional<std::string> without_port(PortRange ports, const std::string& listener) {
    std::string_view rest = listener;
    const std::string_view protocol = take_word(rest);
    const std::string_view address = take_word(rest);
    const std::size_t colon = address.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto port = number_in<std::uint16_t>(address.substr(colon + 1));
    if (!port || !ports.contains(*port)) {
        return std::nullopt;
    }
    std::string key(protocol);
    key.append(" ").append(address.substr(0, colon)).append(rest);
    return key;
}

}  // namespace

PortRange parse_port_range(std::string_view text) {
    Lines lines(text);
    std::string_view line;
    lines.next(line);
    const auto first = number_in<std::uint16_t>(take_word(line));
    const auto last = number_in<std::uint16_t>(take_word(line));
    return first && last && *first <= *last ? PortRange{.first = *first, .last = *last}
                                            : PortRange{};
}

std::size_t pair_moved(
    PortRange ports, std::vector<std::string>& lost, std::vector<std::string>& found) {
    std::size_t pairs = 0;
    for (auto one = lost.begin(); one != lost.end();) {
        const auto key = without_port(ports, *one);
        const auto other = std::ranges::find_if(found, [&](const std::string& candidate) {
            return key && without_port(ports, candidate) == key;
        });
        if (other == found.end()) {
            ++one;
            continue;
        }
        found.erase(other);
        one = lost.erase(one);
        ++pairs;
    }
    return pairs;
}

}  // namespace thimble::verify
