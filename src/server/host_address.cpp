#include "thimble/server/host_address.hpp"

#include "thimble/mitigate/address_prefix.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace thimble::server {
namespace {

/// Others do not reach it there.
constexpr auto kOwnAlone = std::to_array<std::string_view>(
    {"127.0.0.0/8", "0.0.0.0/8", "169.254.0.0/16", "::1", "::", "fe80::/10"});

/// A server that listens to both families sees IPv4 within IPv6.
std::optional<std::string> plain(std::string_view address) {
    constexpr std::string_view kWithin = "::ffff:";
    if (address.starts_with(kWithin) && address.contains('.')) {
        address.remove_prefix(kWithin.size());
    }
    return mitigate::address_in(address);
}

}  // namespace

std::string own_host_address(std::string_view said, std::string_view seen) {
    const auto own = plain(said);
    const bool is_known =
        own && own == plain(seen) && std::ranges::none_of(kOwnAlone, [&](std::string_view prefix) {
            return mitigate::is_within(*own, prefix);
        });
    return is_known ? *own : "";
}

}  // namespace thimble::server
