#pragma once
/// @file What a host says when a control was put up, looked at or taken away there. Plain values, written by the host
/// and read by the server. Format: docs/formats/control.md.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/control.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

enum class ControlAction : std::uint8_t { Deploy, Verify, Remove, Probe };
/// "deploy", "verify", "remove", "probe".
std::string_view control_action_name(ControlAction action);

/// How a control was found.
enum class ControlOutcome : std::uint8_t {
    Deployed,
    Holding,
    Broken,  ///< it is not as it was put up
    Removed,
    Failed,  ///< it could not be put up, and what was before stands again; or it could not be taken away
};
/// "deployed", "holding", "broken", "removed", "failed".
std::string_view control_outcome_name(ControlOutcome outcome);

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
    ControlKind kind = ControlKind::External;
    ControlAction action = ControlAction::Verify;
    ControlOutcome state = ControlOutcome::Broken;
    Instant at;
    std::optional<ShieldMode> mode;  ///< of a virtual patch
    std::vector<ControlCheck> checks;
    std::vector<std::string> bypass;  ///< ways around it that were found open
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string job = {};  ///< id of the job that asked for it; empty: a person did
    /// Of Probe: the address from which the host asks there; empty: it has none. Written only where there is one.
    std::string source = {};
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const ControlReport&) const = default;
};

/// JSON without white space; parse_control_report reads the same report from it.
std::string format_control_report(const ControlReport& report);

inline constexpr std::size_t kMaxControlReportBytes = std::size_t{256} << 10U;

/// What somebody else wrote. Texts are made printable.
/// @error Corrupt "model.bad_control_report"  too long, or not exactly what the format says
Result<ControlReport> parse_control_report(std::string_view text);

}  // namespace thimble::model
