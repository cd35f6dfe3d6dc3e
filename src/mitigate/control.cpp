#include "thimble/mitigate/control.hpp"

#include <algorithm>
#include <array>

namespace thimble::mitigate {
namespace {

constexpr std::size_t kMostIdBytes = 64;
constexpr auto kKinds = std::to_array<std::string_view>(
    {"segmentation", "isolation", "virtual-patch", "monitoring", "hardening", "external"});

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string_view control_kind_name(ControlKind kind) {
    return kKinds.at(static_cast<std::size_t>(kind));
}

std::optional<ControlKind> control_kind_named(std::string_view name) {
    const auto* const found = std::ranges::find(kKinds, name);
    return found == kKinds.end() ? std::nullopt
                                 : std::optional(static_cast<ControlKind>(found - kKinds.begin()));
}

std::string_view transport_name(Transport transport) {
    return transport == Transport::Tcp ? "tcp" : "udp";
}

std::string_view shield_mode_name(ShieldMode mode) {
    return mode == ShieldMode::Block ? "block" : "detect";
}

bool is_control_id(std::string_view id) {
    return !id.empty() && id.size() <= kMostIdBytes && is_letter_or_digit(id.front())
        && std::ranges::all_of(
            id, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

}  // namespace thimble::mitigate
