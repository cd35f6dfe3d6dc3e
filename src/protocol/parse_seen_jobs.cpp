#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/identifier.hpp"
#include "thimble/protocol/seen_jobs.hpp"

#include <algorithm>
#include <utility>

namespace thimble::protocol {
namespace {

Result<SeenJob> read_seen_job(const JsonValue& value) {
    JsonMembers members(value);
    SeenJob job;
    job.id = members.text("id");
    if (!is_identifier(job.id)) {
        members.reject("id");
    }
    job.sequence = members.count("sequence");
    const std::string expires_at = members.text("expires_at");
    THIMBLE_TRY(members.done());
    THIMBLE_TRY(job.expires_at, parse_instant(expires_at));
    return job;
}

Result<SeenJobs> read_seen_jobs(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    if (members.text("format") != "thimble.seen-jobs/1") {
        members.reject("format");
    }
    SeenJobs seen;
    seen.floor = members.count("floor");
    THIMBLE_TRY(seen.jobs, read_items<SeenJob>(members.array("jobs"), read_seen_job));
    if (seen.jobs.size() > kMaxSeenJobs) {
        members.reject("jobs");
    }
    THIMBLE_TRY(members.done());
    return seen;
}

}  // namespace

SeenJobs with_job(SeenJobs seen, SeenJob job, Instant now) {
    std::erase_if(seen.jobs, [&](const SeenJob& one) {
        const bool is_over = one.expires_at <= now;
        seen.floor = is_over ? std::max(seen.floor, one.sequence) : seen.floor;
        return is_over;
    });
    if (seen.jobs.size() >= kMaxSeenJobs) {
        seen.floor = std::max(seen.floor, seen.jobs.front().sequence);
        seen.jobs.erase(seen.jobs.begin());
    }
    seen.jobs.push_back(std::move(job));
    return seen;
}

std::string format_seen_jobs(const SeenJobs& seen) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.seen-jobs/1");
    json.key("floor").number(static_cast<std::int64_t>(seen.floor)).key("jobs").open_array();
    for (const SeenJob& job : seen.jobs) {
        json.open_object().member("id", job.id);
        json.key("sequence").number(static_cast<std::int64_t>(job.sequence));
        json.member("expires_at", format_instant(job.expires_at)).close_object();
    }
    json.close_array().close_object();
    return text;
}

Result<SeenJobs> parse_seen_jobs(std::string_view text) {
    auto seen = read_seen_jobs(text);
    if (!seen) {
        return failure(
            ErrorKind::Corrupt,
            "protocol.bad_seen_jobs",
            "the list of jobs that were taken: " + seen.error().text());
    }
    return seen;
}

}  // namespace thimble::protocol
