#include "thimble/shield/control_report.hpp"

#include <algorithm>

namespace thimble::shield {

bool all_hold(const std::vector<ControlCheck>& checks) {
    return std::ranges::none_of(
        checks, [](const ControlCheck& check) { return check.passed == std::optional(false); });
}

bool is_as_it_should_be(const ControlReport& report) {
    return report.state != ControlState::Broken && report.state != ControlState::Failed;
}

}  // namespace thimble::shield
