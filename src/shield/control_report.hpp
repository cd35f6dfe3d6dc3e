#pragma once
/// @file What was found when a control was put up, looked at or taken away. Plain values. Format: docs/formats/control.md.

#include "thimble/base/instant.hpp"
#include "thimble/mitigate/control.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::shield {

enum class ControlAction : std::uint8_t { Deploy, Verify, Remove };
std::string_view control_action_name(ControlAction action);

enum class ControlState : std::uint8_t {
    Deployed,
    Holding,
    Broken,  ///< it is not as it was put up
    Removed,
    Failed,  ///< it could not be put up, and what was before stands again; or it could not be taken away
};
std::string_view control_state_name(ControlState state);

/// One thing that was looked at.
struct ControlCheck {
    std::string name;
    std::string expected;
    std::string seen;
    std::optional<bool> passed;  ///< nothing: it could not be told, and `seen` says why
    bool operator==(const ControlCheck&) const = default;
};

struct ControlReport {
    std::string id;
    std::string digest;
    mitigate::ControlKind kind = mitigate::ControlKind::External;
    ControlAction action = ControlAction::Verify;
    ControlState state = ControlState::Broken;
    Instant at;
    std::optional<mitigate::ShieldMode> mode;  ///< of a virtual patch
    std::vector<ControlCheck> checks;
    std::vector<std::string> bypass;  ///< ways around it that were found open
};

/// Nothing that was looked at is wrong. What could not be told does not count.
bool all_hold(const std::vector<ControlCheck>& checks);

/// Whether the report is about what was asked for: deployed, holding, removed.
bool is_as_it_should_be(const ControlReport& report);

std::string format_control_report(const ControlReport& report);

}  // namespace thimble::shield
