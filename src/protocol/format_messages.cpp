#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/messages.hpp"

namespace thimble::protocol {
namespace {

constexpr std::size_t kFactsDigits = 16;

void write_sequence(JsonWriter& json, JsonKey name, std::uint64_t sequence) {
    json.key(name).number(static_cast<std::int64_t>(sequence));
}

void write_report(JsonWriter& json, const Report& report) {
    json.open_object();
    write_sequence(json, "sequence", report.sequence);
    json.member("kind", report.kind).member("content", report.content).close_object();
}

}  // namespace

std::string format_enrol_request(const EnrolRequest& request) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("token", request.token_id)
        .member("secret", request.secret)
        .member("csr", request.signing_request)
        .member("name", request.host_name)
        .member("operating_system", request.operating_system)
        .member("architecture", request.architecture)
        .member("agent_version", request.agent_version)
        .member_or_null("machine", request.machine)
        .member("reach", request.reach)
        .close_object();
    return text;
}

std::string format_renewal(std::string_view signing_request) {
    std::string text;
    JsonWriter(text).open_object().member("csr", signing_request).close_object();
    return text;
}

std::string format_check_in(const CheckIn& check_in) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("inventory", check_in.inventory)
        .member("packages", check_in.packages)
        .member("boot_id", check_in.boot_id)
        .member("agent_version", check_in.agent_version);
    write_sequence(json, "sequence", check_in.sequence);
    json.close_object();
    return text;
}

std::string facts_digest(const CheckIn& check_in) {
    CheckIn facts = check_in;
    facts.sequence = 0;
    return sha256_of(format_check_in(facts)).substr(0, kFactsDigits);
}

std::string format_report(const Report& report) {
    std::string text;
    JsonWriter json(text);
    write_report(json, report);
    return text;
}

std::string format_reports(std::span<const Report> reports) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("reports").open_array();
    for (const Report& report : reports) {
        write_report(json, report);
    }
    json.close_array().close_object();
    return text;
}

std::string format_poll_answer(const PollAnswer& answer) {
    const Work& work = answer.work;
    std::string text;
    JsonWriter json(text);
    json.open_object().key("interval_seconds").number(answer.interval.count());
    json.key("check_in").boolean(answer.wants_check_in);
    json.key("halted").boolean(work.halted);
    write_sequence(json, "halt", work.halt);
    json.key("jobs").open_array();
    for (const WaitingJob& job : work.jobs) {
        json.open_object()
            .member("id", job.id)
            .member("envelope", format_envelope(job.envelope))
            .close_object();
    }
    json.close_array().close_object();
    return text;
}

std::string format_lease_question(const LeaseQuestion& question) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("job", question.job)
        .member("lease", question.lease)
        .member("challenge", question.challenge)
        .close_object();
    return text;
}

}  // namespace thimble::protocol
