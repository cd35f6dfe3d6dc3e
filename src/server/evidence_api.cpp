#include "thimble/base/json_writer.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/stored_document.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>
#include <string>
#include <utility>

namespace thimble::server {
namespace {

/// Evidence, and what was kept of it; empty: its document is not there.
struct FoundEvidence {
    store::KeptEvidence kept;
    std::string document;
};

Result<std::optional<FoundEvidence>> find_evidence(
    store::Connection& connection, const std::string& job_id) {
    THIMBLE_TRY(auto kept, store::evidence_of_job(connection, job_id));
    if (!kept) {
        return std::optional<FoundEvidence>();
    }
    FoundEvidence found{*std::move(kept), ""};
    auto text = stored_document(connection, found.kept.digest);
    if (text) {
        found.document = *std::move(text);
    } else if (text.error().kind == ErrorKind::Unavailable) {
        return text.error();
    }
    return std::optional(std::move(found));
}

std::string json_of(const FoundEvidence& found) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("job", found.kept.job_id).member("host_id", found.kept.host_id);
    json.member_or_null("deployment_id", found.kept.deployment_id);
    json.member("digest", found.kept.digest).member_or_null("unread", found.kept.why);
    json.key("evidence");
    // What could not be read is told as the text that it is, so that a person can look.
    if (found.document.empty()) {
        json.null();
    } else if (found.kept.why.empty()) {
        json.written(found.document);
    } else {
        json.text(found.document);
    }
    json.close_object();
    return text;
}

std::string group_of(const Context& context, const FoundEvidence& found) {
    return context.roster.with(
        [&](const Roster& roster) { return roster.group_of(found.kept.host_id); });
}

}  // namespace

// It has command lines, and who was signed in: who may only look does not get it.
Result<Answer> show_evidence(Context& context, const Call& call) {
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(const auto found, context.database.look([&](store::Connection& connection) {
        return find_evidence(connection, id);
    }));
    const bool is_theirs =
        found && allows(*call.principal, Action::Operate, group_of(context, *found));
    if (!is_theirs) {
        return failure(
            ErrorKind::NotFound, "server.no_evidence", "no evidence is kept with such a job");
    }
    return Answer(Response{200, "application/json", json_of(*found), {}});
}

}  // namespace thimble::server
