#include "thimble/shield/control_means.hpp"

namespace thimble::shield {

Result<std::unique_ptr<ControlMeans>> means_of(
    const std::string& id, const mitigate::Control& control, const std::string& folder) {
    using mitigate::ControlKind;
    switch (control.kind()) {
        case ControlKind::Segmentation:
        case ControlKind::Isolation: return filter_means(id, control);
        case ControlKind::VirtualPatch:
            return web_means(id, std::get<mitigate::VirtualPatchDelivery>(control.settings));
        case ControlKind::Monitoring:
            return audit_means(id, std::get<mitigate::Monitoring>(control.settings));
        case ControlKind::Hardening:
            return hardening_means(id, std::get<mitigate::Hardening>(control.settings), folder);
        case ControlKind::External: break;
    }
    return failure(
        ErrorKind::Unsupported,
        "shield.external",
        "an external control is put up elsewhere; somebody attests it");
}

}  // namespace thimble::shield
