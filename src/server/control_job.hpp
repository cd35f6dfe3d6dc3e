#pragma once
/// @file A job about a control as its host was told, and the report that came of it.

#include "thimble/base/result.hpp"
#include "thimble/model/control_report.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/store/connection.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>
#include <string>

namespace thimble::server {

/// What is in its envelope; none: it cannot be read.
std::optional<protocol::Job> content_of_job(const store::Job& job);

/// The report of a job, if one came and it is of that job: another job, action or document proves nothing here. An agent
/// of before names no job; what it sends is the result of this one all the same.
/// @param digest  of the document that the host gave; empty: none
/// @error Unavailable: the database
Result<std::optional<model::ControlReport>> report_of_job(
    store::Connection& connection, const store::Job& job, const std::string& digest);

}  // namespace thimble::server
