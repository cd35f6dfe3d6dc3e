#pragma once
/// @file Controls of this host: put up, looked at, taken away, whatever dies in between.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/shield/control_folder.hpp"
#include "thimble/shield/control_report.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::shield {

/// Which control is meant.
struct ControlName {
    std::string id;
    std::string digest;  ///< of its document
};

/// Puts up what the document says, looks whether it holds, and undoes all of it when it does not. Under an id that is
/// taken, the new document follows the old one, which stands again when the new one fails.
/// @param document  of which `name.digest` is the SHA-256
/// @return state Deployed or Failed
/// @error Invalid "mitigate.bad_control" …: not a control; Conflict "shield.other_document": not of that digest, or the id
///        belongs to a control that must be removed first; Unsupported "shield.external"
Result<ControlReport> deploy_control(
    const ControlFolder& folder,
    const ControlName& name,
    const std::string& document,
    const Clock& clock);

/// @return state Holding or Broken; Broken where there is no such control
/// @error Conflict "shield.other_document"  another document stands under the id
Result<ControlReport> verify_control(
    const ControlFolder& folder, const ControlName& name, const Clock& clock);

/// @return state Removed, or Failed when something is left; Removed where there was none
/// @error Conflict "shield.other_document"
Result<ControlReport> remove_control(
    const ControlFolder& folder, const ControlName& name, const Clock& clock);

/// Brings a control into order that was broken off: one that was being put up is undone, one that was being removed is
/// removed, one that stands is looked at.
Result<ControlReport> recover_control(
    const ControlFolder& folder, const ControlName& name, const Clock& clock);

enum class RestoredPart : std::uint8_t {
    PacketFilter,  ///< rules alone, at once: before the network is up
    Everything,  ///< what was broken off is brought into order, too; services may have to be waited for
};

/// After a start of the machine: every control that stood stands again.
/// @return what went wrong, a line each
std::vector<std::string> restore_controls(
    const ControlFolder& folder, RestoredPart part, const Clock& clock);

}  // namespace thimble::shield
