#include "thimble/model/control.hpp"

#include <algorithm>

namespace thimble::model {
namespace {

constexpr std::size_t kMostIdBytes = 64;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string_view control_kind_name(ControlKind kind) {
    switch (kind) {
        case ControlKind::Segmentation: return "segmentation";
        case ControlKind::Isolation: return "isolation";
        case ControlKind::VirtualPatch: return "virtual-patch";
        case ControlKind::Monitoring: return "monitoring";
        case ControlKind::Hardening: return "hardening";
        case ControlKind::External: return "external";
    }
    return {};
}

std::optional<ControlKind> control_kind_named(std::string_view name) {
    const auto* const found = std::ranges::find(kControlKinds, name, control_kind_name);
    return found == kControlKinds.end() ? std::nullopt : std::optional(*found);
}

std::string_view shield_mode_name(ShieldMode mode) {
    return mode == ShieldMode::Block ? "block" : "detect";
}

bool is_control_id(std::string_view id) {
    return !id.empty() && id.size() <= kMostIdBytes && is_letter_or_digit(id.front())
        && std::ranges::all_of(
            id, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

}  // namespace thimble::model
