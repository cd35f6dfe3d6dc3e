#pragma once
/// @file What the end of a job about a compensating control comes to. Pure; all of it is the host's word.

#include "thimble/model/control_report.hpp"
#include "thimble/rollout/control_course.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace thimble::server {

/// How a job about a control ended.
struct ControlJobEnd {
    std::string_view job_kind;  ///< "deploy-control", …
    bool is_done = false;       ///< outcome "done"
    int exit_status = 0;
    std::optional<model::ControlReport> report;  ///< of that job; none: none came
};

/// What it means for the control on its host; none: nobody can tell, all stays as it is.
///   A control is up, holds or is gone when the job, its exit status and its report say so, no check failed, and of a
///   verification at least one check passed; of that of a virtual patch one of an attack. A verification that says
///   that one failed is believed without the rest.
std::optional<rollout::ControlEvent> event_of(const ControlJobEnd& end);

/// The first check that failed, or could not be told, as a sentence; empty: all passed.
std::string first_doubt(const model::ControlReport& report);

}  // namespace thimble::server
