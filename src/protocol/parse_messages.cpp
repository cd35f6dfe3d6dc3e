#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/protocol/identifier.hpp"
#include "thimble/protocol/messages.hpp"

#include <algorithm>
#include <utility>

namespace thimble::protocol {
namespace {

constexpr std::size_t kMaxPemBytes = std::size_t{16} << 10;
constexpr std::size_t kMaxTextBytes = 256;
constexpr std::size_t kMaxNeeds = 16;
constexpr std::chrono::seconds kShortestInterval{10};
constexpr std::chrono::seconds kLongestInterval{std::chrono::days(1)};

/// A text of at most so many bytes.
std::string bounded(JsonMembers& members, std::string_view name, std::size_t limit) {
    std::string text = members.text(name);
    if (text.size() > limit) {
        members.reject(name);
    }
    return text;
}

std::string identifier(JsonMembers& members, std::string_view name) {
    std::string text = members.text(name);
    if (!is_identifier(text)) {
        members.reject(name);
    }
    return text;
}

Result<CertificateAnswer> read_certificate_answer(JsonMembers& members) {
    CertificateAnswer answer{
        .host = members.is_null("host_id") ? std::string() : identifier(members, "host_id"),
        .certificate = bounded(members, "certificate", kMaxPemBytes),
        .authority = bounded(members, "authority", kMaxPemBytes),
        .deployment_key = {}};
    const auto key = parse_deployment_key(bounded(members, "deployment_key", kMaxPemBytes));
    if (key) {
        answer.deployment_key = *key;
    } else {
        members.reject("deployment_key");
    }
    return answer;
}

/// A job that cannot be read is left out: it must not keep the others, or a halt, from arriving.
void read_job(const JsonValue& value, std::vector<WaitingJob>& jobs) {
    JsonMembers members(value);
    WaitingJob job;
    job.id = identifier(members, "id");
    const std::string text = bounded(members, "envelope", kMaxEnvelopeBytes);
    auto envelope = parse_envelope(text);
    if (members.done() && envelope) {
        job.envelope = *std::move(envelope);
        jobs.push_back(std::move(job));
    }
}

Result<Work> read_work(JsonMembers& members) {
    Work work;
    work.halted = members.boolean("halted");
    work.halt = members.count("halt");
    const JsonValue::Array& items = members.array("jobs");
    if (items.size() > kMaxWaitingJobs) {
        members.reject("jobs");
        return work;
    }
    for (const JsonValue& value : items) {
        read_job(value, work.jobs);
    }
    return work;
}

/// A server that asks too often or never is not obeyed to the letter; the agent goes on.
std::chrono::seconds read_interval(JsonMembers& members) {
    return std::clamp(
        std::chrono::seconds(members.number("interval_seconds")),
        kShortestInterval,
        kLongestInterval);
}

Result<CheckInAnswer> read_check_in_answer(JsonMembers& members) {
    CheckInAnswer answer;
    answer.needs = members.texts("needs");
    if (answer.needs.size() > kMaxNeeds || !std::ranges::all_of(answer.needs, is_sha256)) {
        members.reject("needs");
    }
    answer.report_sequence = members.count("report_sequence");
    answer.interval = read_interval(members);
    THIMBLE_TRY(answer.work, read_work(members));
    return answer;
}

Result<PollAnswer> read_poll_answer(JsonMembers& members) {
    PollAnswer answer;
    answer.interval = read_interval(members);
    answer.wants_check_in = members.boolean("check_in");
    THIMBLE_TRY(answer.work, read_work(members));
    return answer;
}

Result<Report> read_report(JsonMembers& members) {
    return Report{
        .sequence = members.count("sequence"),
        .kind = bounded(members, "kind", kMaxTextBytes),
        .content = bounded(members, "content", kMaxReportBytes)};
}

Result<std::uint64_t> read_reports_answer(JsonMembers& members) {
    return members.count("report_sequence");
}

Result<LeaseQuestion> read_lease_question(JsonMembers& members) {
    return LeaseQuestion{
        .job = identifier(members, "job"),
        .lease = identifier(members, "lease"),
        .challenge = identifier(members, "challenge")};
}

Result<Problem> read_problem(JsonMembers& members) {
    return Problem{
        .code = bounded(members, "code", kMaxTextBytes),
        .detail = bounded(members, "detail", kMaxPemBytes)};
}

template <class Read>
auto read_message(std::string_view text, Read read)
    -> decltype(read(std::declval<JsonMembers&>())) {
    if (text.size() > kMaxMessageBytes) {
        return failure(ErrorKind::Corrupt, "protocol.bad_message", "a message is too long");
    }
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    // NOLINTNEXTLINE(misc-const-correctness): read() changes it; the check does not see through it
    JsonMembers members(document);
    auto message = read(members);
    THIMBLE_TRY(members.done());
    return message;
}

/// Says what was read, whatever was wrong with it.
template <class Read>
auto read_as(std::string_view what, std::string_view text, Read read)
    -> decltype(read(std::declval<JsonMembers&>())) {
    auto message = read_message(text, read);
    if (!message) {
        Error why = std::move(message).error();
        why.code = "protocol.bad_message";
        why.kind = ErrorKind::Corrupt;
        return because(std::string(what), std::move(why));
    }
    return message;
}

}  // namespace

Result<CertificateAnswer> parse_certificate_answer(std::string_view text) {
    return read_as("the answer with a certificate", text, read_certificate_answer);
}

Result<CheckInAnswer> parse_check_in_answer(std::string_view text) {
    return read_as("the answer to a check-in", text, read_check_in_answer);
}

Result<PollAnswer> parse_poll_answer(std::string_view text) {
    return read_as("the answer with jobs", text, read_poll_answer);
}

Result<std::uint64_t> parse_reports_answer(std::string_view text) {
    return read_as("the answer to reports", text, read_reports_answer);
}

Result<LeaseQuestion> parse_lease_question(std::string_view text) {
    return read_as("a question for a lease", text, read_lease_question);
}

Result<Report> parse_report(std::string_view text) {
    return read_as("a report", text, read_report);
}

Result<Problem> parse_problem(std::string_view text) {
    return read_as("a problem", text, read_problem);
}

}  // namespace thimble::protocol
