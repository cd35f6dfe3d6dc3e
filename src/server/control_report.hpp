#pragma once
/// @file What a host reports of a compensating control, and what that comes to. Pure; all of it is the host's word.
/// Format: docs/formats/control.md.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/control.hpp"
#include "thimble/rollout/control_course.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::server {

struct ControlReport {
    struct Check {
        std::string name;
        std::string expected;
        std::string seen;
        std::optional<bool> passed;  ///< none: it could not be told
        bool operator==(const Check&) const = default;
    };
    std::string id;
    std::string digest;
    model::ControlKind kind = model::ControlKind::External;
    std::string action;  ///< "deploy", "verify", "remove"
    std::string state;   ///< "deployed", "holding", "broken", "removed", "failed"
    Instant at;
    std::string mode;  ///< "detect", "block"; empty: it has none
    std::vector<Check> checks;
    std::vector<std::string> bypass;  ///< ways around it
    bool operator==(const ControlReport&) const = default;
};

inline constexpr std::size_t kMaxControlReportBytes = std::size_t{256} << 10U;

/// Texts are made printable.
/// @error Corrupt "server.bad_control_report"  too long, or not exactly what the format says
Result<ControlReport> parse_control_report(std::string_view text);

/// How a job about a control ended.
struct ControlJobEnd {
    std::string_view job_kind;  ///< "deploy-control", …
    bool is_done = false;       ///< outcome "done"
    int exit_status = 0;
    std::optional<ControlReport> report;  ///< of that control and action; none: none came
};

/// What it means for the control on its host; none: nobody can tell, all stays as it is.
///   A control is up, holds or is gone when the job, its exit status and its report say so, no check failed, and of a
///   verification at least one check passed. A verification that says that one failed is believed without the rest.
std::optional<rollout::ControlEvent> event_of(const ControlJobEnd& end);

/// The first check that failed, or could not be told, as a sentence; empty: all passed.
std::string first_doubt(const ControlReport& report);

}  // namespace thimble::server
