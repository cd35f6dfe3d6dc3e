#include "thimble/base/digest.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/fleet/host_standing.hpp"
#include "thimble/protocol/base64url.hpp"
#include "thimble/protocol/messages.hpp"
#include "thimble/server/deployment_course.hpp"
#include "thimble/server/expand_document.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/host_address.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/store/host_marks.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/tokens.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace thimble::server {
namespace {

/// Longer than the idle interval with its spread.
constexpr std::int64_t kMaxWaitSeconds = 20 * 60;
constexpr std::size_t kMaxReports = 256;
constexpr std::size_t kMaxReportBytes = 64U << 10U;
constexpr std::size_t kMaxFactBytes = 128;
constexpr std::string_view kJobFinished = "job.finished";

Error bad_body(const char* what) {
    return failure(ErrorKind::Invalid, "server.bad_body", what);
}

/// What a host says when it enrols.
struct Enrolment {
    std::string token_id;
    std::string secret;
    std::string csr;
    std::string machine;  ///< a digest; empty: an agent that does not tell
    std::string reach;    ///< "agent" or "ssh"
    store::HostRecord host;
};

Result<Enrolment> enrolment_of(const Request& request) {
    THIMBLE_TRY(const JsonValue body, body_of(request));
    JsonMembers members(body);
    Enrolment enrolment;
    enrolment.token_id = members.text("token");
    enrolment.secret = members.text("secret");
    enrolment.csr = members.text("csr");
    const std::string name = members.text("name");
    const std::string system = members.text("operating_system");
    const std::string architecture = members.text("architecture");
    const std::string version = members.text("agent_version");
    enrolment.machine = members.text_or_null("machine");
    // Agents from before there were others do not say it.
    enrolment.reach = members.is_null("reach") ? "agent" : members.text("reach");
    THIMBLE_TRY(check_members(members));
    if (!enrolment.machine.empty() && !is_sha256(enrolment.machine)) {
        return bad_body("machine is a SHA-256 or null");
    }
    if (enrolment.reach != "agent" && enrolment.reach != "ssh") {
        return bad_body(R"(reach is "agent" or "ssh")");
    }
    THIMBLE_TRY(enrolment.host.name, checked_name(name, "name"));
    THIMBLE_TRY(enrolment.host.operating_system, checked_name(system, "operating_system"));
    THIMBLE_TRY(enrolment.host.architecture, checked_name(architecture, "architecture"));
    THIMBLE_TRY(enrolment.host.agent_version, checked_name(version, "agent_version"));
    return enrolment;
}

std::string json_of(const store::HostRecord& host, const std::string& token_id) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.member("name", host.name).member("group", host.host_group);
    json.member("certificate_serial", host.certificate_serial).member("token", token_id);
    json.close_object();
    return text;
}

/// Uses the token, signs, and adds the host, within a transaction.
Result<IssuedCertificate> admit_host(
    Context& context, store::Connection& connection, Enrolment& enrolment, Instant now) {
    THIMBLE_TRY(
        const auto token,
        store::use_enrolment_token(
            connection, enrolment.token_id, sha256_of(enrolment.secret), now));
    if (!token) {
        return failure(
            ErrorKind::Denied,
            "server.bad_token",
            "the enrolment token is unknown, used up, revoked or expired");
    }
    store::HostRecord& host = enrolment.host;
    host.host_group = token->host_group;
    THIMBLE_TRY(
        IssuedCertificate issued,
        context.authority.issue_host_certificate(enrolment.csr, host.id, now));
    host.certificate_serial = issued.serial;
    host.certificate_expires_at = issued.expires_at;
    host.enrolled_at = now;
    host.last_seen_at = now;
    host.silent_at = fleet::silent_from(now, kBusyInterval);
    THIMBLE_TRY(store::add_host(connection, host));
    THIMBLE_TRY(store::set_host_tags(connection, host.id, token->tags));
    THIMBLE_TRY(store::set_host_reach(connection, host.id, enrolment.reach));
    if (!enrolment.machine.empty()) {
        THIMBLE_TRY(store::note_machine(connection, {host.id, enrolment.machine}));
    }
    return issued;
}

/// Where the agent asks from, as far as both sides say the same.
std::string address_of(const Request& request) {
    return own_host_address(request.header(protocol::kOwnAddressHeader), request.peer_address);
}

Result<CheckIn> check_in_of(const Request& request) {
    THIMBLE_TRY(const JsonValue body, body_of(request));
    JsonMembers members(body);
    CheckIn said;
    said.inventory_digest = members.text("inventory");
    said.boot_id = members.text("boot_id");
    said.agent_version = members.text("agent_version");
    said.sequence = members.number("sequence");
    // Agents before the two documents do not say it.
    said.packages_digest = members.is_null("packages") ? "" : members.text("packages");
    said.address = address_of(request);
    THIMBLE_TRY(check_members(members));
    if ((!said.inventory_digest.empty() && !is_sha256(said.inventory_digest))
        || (!said.packages_digest.empty() && !is_sha256(said.packages_digest))
        || said.boot_id.size() > kMaxFactBytes || said.agent_version.size() > kMaxFactBytes) {
        return bad_body(
            "inventory and packages are a SHA-256 or empty, the rest at most 128 bytes each");
    }
    return said;
}

void write_work(JsonWriter& json, HaltState halt, const std::vector<store::Job>& jobs) {
    json.key("halted").boolean(halt.halted);
    json.key("halt").number(halt.generation);
    json.key("jobs").open_array();
    for (const store::Job& job : jobs) {
        json.open_object();
        json.member("id", job.id).member("envelope", job.envelope);
        json.close_object();
    }
    json.close_array();
}

Result<std::vector<store::Report>> reports_of(const Request& request) {
    THIMBLE_TRY(const JsonValue body, body_of(request));
    JsonMembers members(body);
    const JsonValue::Array& array = members.array("reports");
    THIMBLE_TRY(check_members(members));
    if (array.size() > kMaxReports) {
        return bad_body("at most 256 reports at once");
    }
    std::vector<store::Report> reports;
    for (const JsonValue& value : array) {
        JsonMembers report(value);
        const std::int64_t sequence = report.number("sequence");
        const std::string kind = report.text("kind");
        std::string content = report.text("content");
        THIMBLE_TRY(check_members(report));
        if (content.size() > kMaxReportBytes) {
            return bad_body("a report has at most 64 KiB");
        }
        THIMBLE_TRY(std::string checked, checked_word(kind, "kind"));
        reports.push_back({sequence, std::move(checked), std::move(content)});
    }
    return reports;
}

/// @return the last report that the server has now
Result<std::int64_t> keep_reports(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const Call& call,
    const std::vector<store::Report>& reports) {
    THIMBLE_TRY(const std::int64_t before, store::report_sequence_of(connection, call.host_id));
    THIMBLE_TRY(
        const std::int64_t last,
        store::take_reports(connection, call.host_id, reports, call.request.now));
    // What was taken before was acted on then.
    std::vector<store::Report> fresh;
    std::ranges::copy_if(reports, std::back_inserter(fresh), [&](const store::Report& report) {
        return report.sequence > before;
    });
    JobChanges finished;
    for (const store::Report& report : fresh) {
        if (report.kind != kJobFinished) {
            continue;
        }
        THIMBLE_TRY(
            const bool was_waiting,
            store::finish_job(connection, report.content, call.host_id, call.request.now));
        if (was_waiting) {
            finished.closed.push_back(report.content);
        }
    }
    THIMBLE_TRY(
        JobChanges changes, take_job_reports(context, connection, trail, call.host_id, fresh));
    trail.tell(std::move(finished));
    trail.tell(std::move(changes));
    return last;
}

/// What a host that waits for jobs is told.
Response poll_answer(
    HaltState halt,
    const std::vector<store::Job>& jobs,
    std::chrono::seconds interval,
    bool must_check_in) {
    Response response;
    JsonWriter json(response.body);
    json.open_object().key("interval_seconds").number(interval.count());
    json.key("check_in").boolean(must_check_in);
    write_work(json, halt, jobs);
    json.close_object();
    return response;
}

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

std::set<std::string> words_of(std::string_view text) {
    std::set<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        words.emplace(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

}  // namespace

Result<Answer> enrol(Context& context, const Call& call) {
    THIMBLE_TRY(Enrolment enrolment, enrolment_of(call.request));
    enrolment.host.id = random_id();
    THIMBLE_TRY(
        const IssuedCertificate issued,
        change(
            context,
            call.request.now,
            [&](store::Connection& connection, Trail& trail) -> Result<IssuedCertificate> {
                THIMBLE_TRY(
                    IssuedCertificate done,
                    admit_host(context, connection, enrolment, call.request.now));
                trail.tell_others({store::ServerNews::Kind::Host, enrolment.host.id});
                THIMBLE_TRY(trail.note(
                    {"host:" + enrolment.host.id,
                     "host.enrol",
                     enrolment.host.id,
                     "",
                     json_of(enrolment.host, enrolment.token_id),
                     "from " + call.request.peer_address}));
                return done;
            }));
    context.roster.with([&](Roster& roster) { roster.add_host(enrolment.host); });
    Response response{201, "application/json", "", {}};
    JsonWriter json(response.body);
    json.open_object();
    json.member("host_id", enrolment.host.id);
    json.member("certificate", issued.pem);
    json.member("authority", context.authority.certificate());
    json.member("deployment_key", context.deployment_key);
    json.close_object();
    return Answer(std::move(response));
}

Result<Answer> renew_certificate(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string csr = members.text("csr");
    THIMBLE_TRY(check_members(members));
    THIMBLE_TRY(
        const IssuedCertificate issued,
        context.authority.issue_host_certificate(csr, call.host_id, call.request.now));
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(store::set_host_certificate(
                connection, call.host_id, issued.serial, issued.expires_at));
            return trail.note(
                {"host:" + call.host_id,
                 "certificate.renew",
                 call.host_id,
                 "",
                 "",
                 "serial " + issued.serial});
        }));
    Response response;
    JsonWriter json(response.body);
    json.open_object();
    json.member("certificate", issued.pem);
    json.member("authority", context.authority.certificate());
    json.member("deployment_key", context.deployment_key);
    json.close_object();
    return Answer(std::move(response));
}

Result<Answer> check_in(Context& context, const Call& call) {
    THIMBLE_TRY(const CheckIn said, check_in_of(call.request));
    Response response;
    auto answer = context.roster.with([&](Roster& roster) -> Result<CheckInAnswer> {
        THIMBLE_TRY(CheckInAnswer known, roster.check_in(call.host_id, said, call.request.now));
        JsonWriter json(response.body);
        json.open_object();
        json.key("needs").open_array();
        // First what the other refers to, so that no host is judged in between.
        if (known.needs_packages) {
            json.text(said.packages_digest);
        }
        if (known.needs_document) {
            json.text(said.inventory_digest);
        }
        json.close_array();
        json.key("interval_seconds").number(known.interval.count());
        json.key("report_sequence").number(known.report_sequence);
        write_work(json, roster.halt(), roster.jobs_of(call.host_id, {}, call.request.now));
        json.close_object();
        return known;
    });
    if (!answer) {
        return std::move(answer).error();
    }
    return Answer(std::move(response));
}

Result<Answer> put_document(Context& context, const Call& call) {
    const std::string& digest = call.parameters.front();
    THIMBLE_TRY(const ExpandedDocument document, expand_document(call.request.body));
    if (document.digest != digest) {
        return failure(
            ErrorKind::Invalid,
            "server.wrong_digest",
            "the expanded document has the SHA-256 " + document.digest);
    }
    THIMBLE_TRY(context.database.transact([&](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(store::keep_document(
            connection,
            {digest,
             protocol::format_base64url(call.request.body),
             static_cast<std::int64_t>(document.bytes)},
            call.request.now));
        return tell_others(context, connection, {{store::ServerNews::Kind::Document, digest}});
    }));
    context.roster.with([&](Roster& roster) { roster.document_arrived(call.host_id, digest); });
    context.documents_changed();
    return Answer(Response{204, "", "", {}});
}

Result<Answer> take_reports(Context& context, const Call& call) {
    THIMBLE_TRY(const auto reports, reports_of(call.request));
    THIMBLE_TRY(
        const std::int64_t last,
        change(context, call.request.now, [&](store::Connection& connection, Trail& trail) {
            return keep_reports(context, connection, trail, call, reports);
        }));
    context.roster.with([&](Roster& roster) { roster.set_report_sequence(call.host_id, last); });
    context.hosts_moved();
    Response response;
    JsonWriter json(response.body);
    json.open_object().key("report_sequence").number(last).close_object();
    return Answer(std::move(response));
}

Result<Answer> agent_jobs(Context& context, const Call& call) {
    const Target& target = call.request.target;
    const std::int64_t wait =
        std::clamp<std::int64_t>(number_of(target.query_value("wait")), 0, kMaxWaitSeconds);
    const std::int64_t known_halt = number_of(target.query_value("halt"));
    const auto has = words_of(target.query_value("have"));
    const std::string facts(target.query_value("facts"));
    const bool is_away = target.query_value("away") == "1" && call.attempt == Attempt::First;
    std::optional<Response> news;
    context.roster.with([&](Roster& roster) {
        roster.locate(call.host_id, address_of(call.request));
        // Who is tried again said it when it came.
        const bool must_check_in = !facts.empty() && call.attempt == Attempt::First
            && !roster.hear(call.host_id, facts, call.request.now);
        if (is_away) {
            roster.miss(call.host_id, call.request.now);
        }
        const auto jobs = roster.jobs_of(call.host_id, has, call.request.now);
        const bool is_new = wait == 0 || !jobs.empty() || roster.halt().generation != known_halt
            || must_check_in || (!facts.empty() && roster.is_told_otherwise(call.host_id));
        if (is_new) {
            // Nothing is known of a host of which nothing was said.
            const auto interval = facts.empty()
                ? roster.interval_of(call.host_id)
                : roster.tell_interval(call.host_id, call.request.now);
            news = poll_answer(roster.halt(), jobs, interval, must_check_in);
        }
    });
    if (news) {
        return Answer(*std::move(news));
    }
    if (call.attempt == Attempt::Last) {
        return Answer(Response{204, "", "", {}});  // every byte counts: there are many that wait
    }
    return Answer(LongPoll{std::chrono::seconds(wait)});
}

}  // namespace thimble::server
