#include "thimble/server/control_job.hpp"

#include "thimble/protocol/envelope.hpp"
#include "thimble/server/stored_document.hpp"

#include <utility>

namespace thimble::server {

using model::ControlReport;

std::optional<protocol::Job> content_of_job(const store::Job& job) {
    const auto envelope = protocol::parse_envelope(job.envelope);
    auto content =
        envelope ? protocol::parse_job(envelope->content) : Result<protocol::Job>(envelope.error());
    return content ? std::optional(*std::move(content)) : std::nullopt;
}

Result<std::optional<ControlReport>> report_of_job(
    store::Connection& connection, const store::Job& job, const std::string& digest) {
    if (digest.empty()) {
        return std::optional<ControlReport>();
    }
    const auto text = stored_document(connection, digest);
    if (!text && text.error().kind == ErrorKind::Unavailable) {
        return text.error();
    }
    auto report = text ? model::parse_control_report(*text) : Result<ControlReport>(text.error());
    const auto content = content_of_job(job);
    const auto asked = content ? content->control : std::nullopt;
    const bool is_that = report && asked && (report->job.empty() || report->job == job.id)
        && report->id == asked->id && report->digest == asked->digest
        && std::string(model::control_action_name(report->action)) + "-control" == job.kind;
    return is_that ? std::optional(*std::move(report)) : std::optional<ControlReport>();
}

}  // namespace thimble::server
