#include "thimble/model/control.hpp"

#include <algorithm>

namespace thimble::model {

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

}  // namespace thimble::model
