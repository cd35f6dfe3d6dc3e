#include "thimble/agent/agent_run.hpp"

#include "thimble/agent/agent_version.hpp"
#include "thimble/agent/enrolment.hpp"
#include "thimble/agent/idle_memory.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/admit_job.hpp"
#include "thimble/protocol/job.hpp"

#include <poll.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::agent {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxStateBytes = std::size_t{64} << 10;
constexpr seconds kLeaseTimeout{10};
constexpr seconds kDocumentTimeout{120};
constexpr seconds kPollSlack{15};
/// How late it is seen that a host has changed.
constexpr seconds kBetweenLooks{60};
/// What ends sooner was not cut off for being long.
constexpr seconds kShortestCut{20};
constexpr std::size_t kMaxOffered = 4;  // of one job

std::uint64_t draw() {
    std::uint64_t number = 0;
    // So few bytes never fail once the system is up.
    THIMBLE_CHECK(::getrandom(&number, sizeof(number), 0) == sizeof(number));
    return number;
}

void pause_for(std::chrono::milliseconds wait) {
    ::poll(nullptr, 0, static_cast<int>(std::max<std::chrono::milliseconds::rep>(wait.count(), 0)));
}

/// The server itself will not have what was sent; else somebody between said so, or a later try may help.
bool is_refusal(const Error& error) {
    return error.kind == ErrorKind::Invalid && error.code.starts_with("server.");
}

/// Jobs that ended here and of which the server may not know yet: it gives them again.
std::vector<EndedJob> ended_jobs(const ReportJournal& journal) {
    std::vector<EndedJob> ended;
    for (const protocol::Report& report : journal.reports()) {
        if (report.kind == "job.finished") {
            ended.push_back({.id = report.content, .sequence = report.sequence});
        }
    }
    return ended;
}

std::string job_content(const std::string& job, JsonKey name, const std::string& text) {
    std::string content;
    JsonWriter(content).open_object().member("job", job).member(name, text).close_object();
    return content;
}

/// Whether the agent says that it is at a job of that kind: of one that needs a lease the server hears by that, and looks at
/// controls are many and short.
bool tells_begin(protocol::JobKind kind) {
    return !protocol::needs_lease(kind) && !protocol::needs_control(kind);
}

/// The documents that a result names.
std::vector<std::string> documents_named(const std::string& result) {
    const auto document = parse_json(result);
    if (!document) {
        return {};
    }
    JsonMembers members(*document);
    std::vector<std::string> digests = members.texts("documents");
    const bool are_digests =
        members.done() && digests.size() <= kMaxOffered && std::ranges::all_of(digests, is_sha256);
    return are_digests ? digests : std::vector<std::string>();
}

/// Whether an answer is about that job. A refused one may have been unreadable.
bool is_of(const HelperAnswer& answer, const std::string& job) {
    return answer.job == job || (answer.kind == HelperAnswer::Kind::Refused && answer.job.empty());
}

/// What is said of the host with a question for jobs.
std::string word_of(Standing host, const std::string& facts) {
    switch (host) {
        case Standing::AsItWas: return "&facts=" + facts;
        case Standing::Unsaid: break;
        case Standing::Away: return "&away=1";
    }
    return "";
}

std::string job_list(const AgentState& state) {
    std::string text = state.running;
    for (const EndedJob& ended : state.ended) {
        text += (text.empty() ? "" : ",") + ended.id;
    }
    return text;
}

}  // namespace

AgentRun::AgentRun(
    RunOptions options,
    const Clock& clock,
    ServerConnection connection,
    ReportJournal journal,
    AgentMemory memory)
    : options_(std::move(options)),
      clock_(clock),
      connection_(std::move(connection)),
      journal_(std::move(journal)),
      memory_(std::move(memory)) {}

Result<AgentRun> AgentRun::open(
    RunOptions options, const Clock& clock, std::function<void(const Error&)> complain) {
    THIMBLE_TRY(const KnownServer server, enrolled_server(options.folder));
    THIMBLE_TRY(auto connection, ServerConnection::open(server.url, options.folder.trust()));
    THIMBLE_TRY(auto journal, ReportJournal::open(options.folder.reports()));
    AgentMemory memory;
    if (const auto text = read_state_file(options.folder.memory(), kMaxStateBytes); text) {
        THIMBLE_TRY(memory, parse_memory(*text));
    }
    AgentRun run(
        std::move(options), clock, std::move(connection), std::move(journal), std::move(memory));
    run.complain_ = std::move(complain);
    run.state_.written = run.journal_.last();
    run.state_.ended = ended_jobs(run.journal_);
    run.state_.offered = offered_documents(run.options_.folder);
    return run;
}

void AgentRun::note(const Event& event) {
    state_ = after(std::move(state_), event, clock_.now(), draw());
}

Result<void> AgentRun::run() {
    note(Started{});
    for (;;) {
        const Action action = next_action(state_, clock_.now());
        if (const auto* stop = std::get_if<Stop>(&action); stop != nullptr) {
            return failure(ErrorKind::Denied, "agent.stopped", stop->why);
        }
        if (const auto done = carry_out(action); !done) {
            complain_(done.error());
            note(Failed{done.error().kind, done.error().code});
        }
        if (helper_) {
            hear_helper({});
        }
    }
}

Result<void> AgentRun::check_in_once() {
    THIMBLE_TRY(check_in());
    for (;;) {
        AgentState quiet = state_;
        quiet.work.jobs.clear();
        const Action action = next_action(quiet, clock_.now());
        if (!std::holds_alternative<SendDocument>(action)
            && !std::holds_alternative<SendReports>(action)) {
            return {};
        }
        THIMBLE_TRY(carry_out(action));
    }
}

Result<void> AgentRun::carry_out(const Action& action) {
    if (std::holds_alternative<CheckIn>(action)) {
        return check_in();
    }
    if (const auto* document = std::get_if<SendDocument>(&action); document != nullptr) {
        return send_document(document->digest);
    }
    if (const auto* reports = std::get_if<SendReports>(&action); reports != nullptr) {
        return send_reports(reports->after);
    }
    if (const auto* asking = std::get_if<AskForWork>(&action); asking != nullptr) {
        return ask_for_work(*asking);
    }
    if (const auto* begin = std::get_if<BeginJob>(&action); begin != nullptr) {
        begin_job(begin->job);
    } else if (const auto* resting = std::get_if<Rest>(&action); resting != nullptr) {
        rest(resting->until);
    }
    return {};
}

Result<void> AgentRun::look() {
    THIMBLE_TRY(const std::string boot, options_.reach->look());
    if (memory_.boot_id != boot) {
        memory_.boot_id = boot;
        memory_.check_in_sequence = 0;
    }
    return {};
}

void AgentRun::refresh(Instant now) {
    looked_at_ = now;
    // A host whose inventory cannot be read still shows that it lives.
    auto fresh = options_.reach->refresh(options_.folder, documents_, now);
    if (fresh) {
        documents_ = *std::move(fresh);
    } else {
        complain_(fresh.error());
    }
}

protocol::CheckIn AgentRun::facts() const {
    return {
        .inventory = documents_.inventory,
        .packages = documents_.packages,
        .boot_id = memory_.boot_id,
        .agent_version = std::string(kAgentVersion),
        .sequence = memory_.check_in_sequence};
}

Result<bool> AgentRun::has_changed() {
    const Instant now = clock_.now();
    if (now < looked_at_ + kBetweenLooks / 2 && now >= looked_at_) {
        return false;
    }
    THIMBLE_TRY(look());
    refresh(now);
    return protocol::facts_digest(facts()) != told_;
}

Result<void> AgentRun::check_in() {
    THIMBLE_TRY(look());  // nobody checks in for a host that does not answer
    const Instant now = clock_.now();
    refresh(now);
    // On the disk first: a sequence that was used must not be used again.
    ++memory_.check_in_sequence;
    THIMBLE_TRY(write_state_file(options_.folder.memory(), format_memory(memory_)));
    THIMBLE_TRY(
        const std::string body,
        connection_.ask(
            {.method = "POST",
             .path = "/agent/v1/check-in",
             .body = protocol::format_check_in(facts())}));
    THIMBLE_TRY(protocol::CheckInAnswer answer, protocol::parse_check_in_answer(body));
    const bool wants_inventory =
        std::ranges::find(answer.needs, documents_.inventory) != answer.needs.end();
    const bool wants_packages =
        std::ranges::find(answer.needs, documents_.packages) != answer.needs.end();
    if (wants_inventory && !wants_packages && documents_.packages != memory_.sent_packages) {
        answer.needs.push_back(documents_.packages);
    }
    told_ = protocol::facts_digest(facts());
    THIMBLE_TRY(journal_.trim(answer.report_sequence));
    note(CheckedIn{std::move(answer)});
    THIMBLE_TRY(renew_if_due(options_.folder, connection_, now));
    return {};
}

Result<void> AgentRun::send_document(const std::string& digest) {
    auto frame = compressed_document(options_.folder, digest);
    if (frame) {
        const auto sent = connection_.ask(
            {.method = "PUT",
             .path = "/agent/v1/documents/" + digest,
             .body = *std::move(frame),
             .content_type = "application/zstd",
             .timeout = kDocumentTimeout});
        if (!sent && is_refusal(sent.error())) {
            // What is reported after it must not wait for it for ever.
            complain_(because("the document " + digest, sent.error()));
            drop_offered(options_.folder, digest);
            note(DocumentRefused{digest});
            return {};
        }
        THIMBLE_TRY(sent);
        if (digest == documents_.packages) {
            memory_.sent_packages = digest;
            THIMBLE_TRY(write_state_file(options_.folder.memory(), format_memory(memory_)));
        }
    }
    drop_offered(options_.folder, digest);
    // One that is gone has been replaced; the next check-in names the new one.
    note(DocumentSent{digest});
    return {};
}

Result<void> AgentRun::send_reports(std::uint64_t after_sequence) {
    THIMBLE_TRY(
        const std::string body,
        connection_.ask(
            {.method = "POST",
             .path = "/agent/v1/reports",
             .body = protocol::format_reports(journal_.after(after_sequence))}));
    THIMBLE_TRY(const std::uint64_t reported, protocol::parse_reports_answer(body));
    THIMBLE_TRY(journal_.trim(reported));
    note(ReportsTaken{reported});
    return {};
}

Result<std::string> AgentRun::wait_for_work(const AskForWork& asking) {
    std::optional<Error> trouble;
    std::function<bool()> goes_on = [&] {
        const auto changed = has_changed();
        give_back_memory();
        if (!changed) {
            trouble = changed.error();
        }
        return changed && !*changed;
    };
    give_back_memory();
    auto answer = connection_.ask(
        {.method = "GET",
         .path = "/agent/v1/jobs?wait=" + std::to_string(asking.wait.count())
             + "&halt=" + std::to_string(state_.work.halt) + "&have=" + job_list(state_)
             + word_of(asking.host, told_),
         .body = {},
         .timeout = asking.wait + kPollSlack,
         .watch = {
             .every = kBetweenLooks,
             .goes_on =
                 asking.host == Standing::AsItWas ? std::move(goes_on) : std::function<bool()>()}});
    return trouble ? Result<std::string>(*std::move(trouble)) : std::move(answer);
}

Result<void> AgentRun::ask_for_work(const AskForWork& asking) {
    if (asking.host == Standing::AsItWas) {
        THIMBLE_TRY(const bool changed, has_changed());
        if (changed) {
            note(HostChanged{});
            return {};
        }
    }
    const auto begun = std::chrono::steady_clock::now();
    const auto body = wait_for_work(asking);
    const auto held = std::chrono::floor<seconds>(std::chrono::steady_clock::now() - begun);
    if (!body && body.error().code == "agent.given_up") {
        note(HostChanged{});
        return {};
    }
    if (!body && body.error().code == "agent.no_answer" && held >= kShortestCut) {
        complain_(body.error());
        note(WaitCut{held});
        return {};
    }
    THIMBLE_TRY(const std::string text, body);
    WorkHeard heard;
    if (!text.empty()) {
        THIMBLE_TRY(heard.news, protocol::parse_poll_answer(text));
    }
    note(heard);
    THIMBLE_TRY(renew_if_due(options_.folder, connection_, clock_.now()));
    return {};
}

void AgentRun::begin_job(const protocol::WaitingJob& job) {
    auto link = options_.reach->open_helper();
    const auto sent = link
        ? link->send(
              {.kind = HelperQuestion::Kind::Job, .text = protocol::format_envelope(job.envelope)})
        : Result<void>(link.error());
    if (!sent) {
        complain_(sent.error());
        tell_wait(job.id, sent.error());
        note(JobNotBegun{});
        return;
    }
    helper_ = *std::move(link);
    // The server may know a job that is given once more by another id than the sealed one.
    const auto sealed = protocol::parse_job(job.envelope.content);
    sealed_job_ = sealed ? sealed->id : std::string();
    // A control that does not hold is one that somebody has changed.
    reads_anew_ = sealed
        && (protocol::needs_lease(sealed->kind)
            || sealed->kind == protocol::JobKind::VerifyControl);
    if (sealed && tells_begin(sealed->kind)) {
        tell_begin(job.id);
    }
    note(JobBegun{job.id});
}

void AgentRun::tell_begin(const std::string& job) {
    if (told_begin_ == job) {
        return;
    }
    std::string content;
    JsonWriter(content).open_object().member("job", job).close_object();
    const Entry entry{.kind = "job.begun", .content = std::move(content)};
    if (write({&entry, 1})) {
        told_begin_ = job;
    }
}

void AgentRun::tell_wait(const std::string& job, const Error& error) {
    if (told_wait_ == job) {
        return;
    }
    const Entry entry{.kind = "job.waiting", .content = job_content(job, "text", error.text())};
    if (write({&entry, 1})) {
        told_wait_ = job;
    }
}

void AgentRun::rest(Instant until) {
    const auto wait =
        std::max<std::chrono::milliseconds>(until - clock_.now(), std::chrono::milliseconds(100));
    if (helper_) {
        hear_helper(wait);
    } else {
        pause_for(wait);
    }
}

void AgentRun::hear_helper(std::chrono::milliseconds wait) {
    if (!helper_) {
        return;
    }
    const auto answers = helper_->hear(wait);
    if (!answers) {
        // The helper keeps what came out, and tells it when it is given the job again.
        complain_(answers.error());
        let_go();
        return;
    }
    for (const HelperAnswer& answer : *answers) {
        if (helper_ && !is_of(answer, sealed_job_)) {
            complain_(failure(
                ErrorKind::Corrupt,
                "agent.bad_helper_message",
                "the root helper answers for another job than the one that it was given"));
            let_go();
        } else if (helper_) {
            take_answer(answer);
        }
    }
}

void AgentRun::take_answer(const HelperAnswer& answer) {
    switch (answer.kind) {
        case HelperAnswer::Kind::Progress: {
            const Entry entry{
                .kind = "job.progress",
                .content = job_content(state_.running, "text", answer.text)};
            write({&entry, 1});
            return;
        }
        case HelperAnswer::Kind::Lease: ask_for_lease(answer); return;
        case HelperAnswer::Kind::Result: take_result(answer); return;
        case HelperAnswer::Kind::Refused:
            if (answer.text == protocol::job_refusal_name(protocol::JobRefusal::Unanswered)) {
                let_go();
                return;
            }
            end_job("job.refused", job_content(state_.running, "why", answer.text));
            return;
    }
}

void AgentRun::take_result(const HelperAnswer& answer) {
    auto taken = options_.reach->take(options_.folder, documents_named(answer.text));
    if (!taken) {
        // The helper keeps the answer and the documents until its next job.
        complain_(taken.error());
        let_go();
        return;
    }
    note(DocumentsOffered{*std::move(taken)});
    end_job("job.result", answer.text);
}

void AgentRun::ask_for_lease(const HelperAnswer& answer) {
    const auto grant = connection_.ask(
        {.method = "POST",
         .path = "/agent/v1/leases",
         .body = protocol::format_lease_question(
             {.job = answer.job, .lease = answer.lease, .challenge = answer.text}),
         .timeout = kLeaseTimeout});
    if (!grant) {
        complain_(grant.error());
    }
    // What the server did not say is not a no: the job is begun again later, if it still may.
    const bool is_answered = grant || grant.error().code == "server.halted";
    if (!is_answered
        || (helper_
            && !helper_->send(
                {.kind = HelperQuestion::Kind::Grant, .text = grant ? *grant : std::string()}))) {
        let_go();
    }
}

void AgentRun::let_go() {
    helper_.reset();
    state_.running.clear();
    note(JobNotBegun{});
}

void AgentRun::end_job(const std::string& kind, const std::string& content) {
    const std::array<Entry, 2> entries{
        {{.kind = kind, .content = content}, {.kind = "job.finished", .content = state_.running}}};
    // Without its record the job is not over: the helper is asked again.
    const bool is_written = write(entries);
    helper_.reset();
    looked_at_ = {};  // it may have changed the host
    if (reads_anew_) {
        documents_.fingerprint.clear();  // what listens there no file tells
    }
    const std::string id = state_.running;
    if (is_written) {
        note(JobEnded{{.id = id, .sequence = journal_.last()}});
    } else {
        state_.running.clear();
        note(JobNotBegun{});
    }
}

bool AgentRun::write(std::span<const Entry> entries) {
    if (const auto done = journal_.append(entries); !done) {
        complain_(done.error());
        return false;
    }
    note(ReportWritten{journal_.last()});
    return true;
}

}  // namespace thimble::agent
