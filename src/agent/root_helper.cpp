#include "thimble/agent/agent_folder.hpp"
#include "thimble/agent/helper_serve.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/told_error.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/protocol/signing.hpp"

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace thimble::agent {
namespace {

using protocol::Job;
using protocol::JobRefusal;

constexpr std::size_t kMaxStateBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxPlanBytes = std::size_t{32} << 20;
constexpr std::size_t kMaxEvidenceBytes = std::size_t{32} << 20;
constexpr std::size_t kMostRunsLookedAt = 5;
constexpr std::size_t kMaxOutputBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxProgressBytes = 1024;
constexpr int kMaxProgressLines = 200;
constexpr std::size_t kMaxAnswers = 500;
/// A job may still verify what an old plan has brought.
constexpr std::size_t kMaxPlans = 200;
constexpr mode_t kReadableFolder = 0750;
constexpr mode_t kReadableFile = 0640;
constexpr std::chrono::seconds kBetweenLooks{5};
constexpr std::chrono::seconds kQuestionTimeout{10};
constexpr std::chrono::seconds kGrantTimeout{20};
constexpr std::chrono::hours kJobTimeout{6};
constexpr std::size_t kMostProbesInAMinute = 30;

std::string challenge() {
    constexpr std::size_t kBytes = 32;
    std::array<char, kBytes> bytes{};
    THIMBLE_CHECK(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(kBytes));
    return sha256_of(std::string(bytes.begin(), bytes.end()));
}

HelperAnswer refused(const std::string& job, JobRefusal why) {
    return {
        .kind = HelperAnswer::Kind::Refused,
        .job = job,
        .lease = {},
        .text = std::string(protocol::job_refusal_name(why))};
}

/// The hooks that a job names.
HookRounds rounds_of(const HookPlace& place, const Job& job) {
    return job.hooks ? HookRounds(place, job.hooks->steps, job.hooks->deployment)
                     : HookRounds(place, {}, "");
}

HelperAnswer result_of(const Job& job, JobOutcome outcome) {
    return {
        .kind = HelperAnswer::Kind::Result,
        .job = job.id,
        .lease = {},
        .text = format_job_outcome(job, std::move(outcome))};
}

/// The digest that a plan file gives itself; thimble-patch checks it against the content.
Result<std::string> digest_in_plan(const std::string& file) {
    THIMBLE_TRY(const std::string text, read_state_file(file, kMaxPlanBytes));
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    std::string digest = members.text("digest");
    THIMBLE_TRY(members.done());
    if (!is_sha256(digest)) {
        return failure(ErrorKind::Corrupt, "agent.bad_plan", "a plan has no digest");
    }
    return digest;
}

/// Gives a plan that was just frozen the name by which jobs know it.
std::string keep_plan(const JobPlaces& places) {
    const auto digest = digest_in_plan(fresh_plan_file(places));
    std::error_code failed;
    if (digest) {
        std::filesystem::rename(fresh_plan_file(places), plan_file(places, *digest), failed);
    }
    return digest && !failed ? *digest : std::string();
}

/// What the newest run of a plan has kept of what its transaction would wipe away; empty: nothing.
std::string evidence_of(const JobPlaces& places, const std::string& plan_digest) {
    std::error_code failed;
    std::vector<std::filesystem::path> runs;
    for (std::filesystem::directory_iterator entry(places.state + "/runs", failed);
         !failed && entry != std::filesystem::directory_iterator();
         entry.increment(failed)) {
        runs.push_back(entry->path());
    }
    // Their names begin with the time.
    std::ranges::sort(runs, std::greater<>());
    runs.resize(std::min(runs.size(), kMostRunsLookedAt));
    const auto run = std::ranges::find_if(runs, [&](const std::filesystem::path& folder) {
        const auto digest = digest_in_plan((folder / "plan.json").string());
        return digest && *digest == plan_digest;
    });
    auto kept = run == runs.end()
        ? Result<std::string>(std::string())
        : read_state_file((*run / "evidence.json").string(), kMaxEvidenceBytes);
    return kept ? *std::move(kept) : std::string();
}

/// Passes on what a program says on its way, a line at a time, no more than is read.
class ProgressLines {
public:
    ProgressLines(const Job& job, HelperConversation& agent) : job_(job), agent_(agent) {}

    void hear(std::string_view bytes) {
        for (const char c : bytes) {
            if (c != '\n' && c != '\r') {
                line_ += line_.size() < kMaxProgressBytes ? std::string(1, c) : std::string();
                continue;
            }
            if (!line_.empty() && ++said_ <= kMaxProgressLines) {
                agent_.say(
                    {.kind = HelperAnswer::Kind::Progress,
                     .job = job_.id,
                     .lease = {},
                     .text = printable(line_)});
            }
            line_.clear();
        }
    }

private:
    const Job& job_;
    HelperConversation& agent_;
    std::string line_;
    int said_ = 0;
};

/// Lets the agent's group read. What it could write to, it could turn into a link while root works there.
bool let_read(const std::filesystem::path& path, mode_t mode, gid_t group) {
    return ::lchown(path.c_str(), static_cast<uid_t>(-1), group) == 0
        && ::chmod(path.c_str(), mode) == 0;
}

/// What a program printed as a whole; a report holds its end only, which nobody could read.
std::string printed_document(const std::string& output) {
    return output.starts_with('{') ? output.substr(0, output.find_last_not_of('\n') + 1) : "";
}

/// The machine, or the directory that stands for it.
Result<std::unique_ptr<host::Host>> open_host(const JobPlaces& places) {
    if (places.root.empty()) {
        return std::unique_ptr<host::Host>(std::make_unique<host::LocalHost>());
    }
    THIMBLE_TRY(auto root, host::RootHost::open(places.root));
    return std::unique_ptr<host::Host>(std::move(root));
}

bool is_plan(const std::filesystem::path& file) {
    return is_sha256(file.stem().string());  // a control lies beside them while its job runs
}

bool is_answer(const std::filesystem::path& /*file*/) {
    return true;
}

/// The server has long had the answers to old jobs, and asks no more for what old plans have brought.
void drop_all_but_newest(
    const std::filesystem::path& folder,
    bool (*is_one)(const std::filesystem::path&),
    std::size_t most) {
    std::error_code failed;
    std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> files;
    for (std::filesystem::directory_iterator entry(folder, failed);
         !failed && entry != std::filesystem::directory_iterator();
         entry.increment(failed)) {
        std::error_code ignored;
        if (is_one(entry->path())) {
            files.emplace_back(entry->last_write_time(ignored), entry->path());
        }
    }
    std::ranges::sort(files);
    for (std::size_t at = 0; at + most < files.size(); ++at) {
        std::filesystem::remove(files[at].second, failed);
    }
}

}  // namespace

RootHelper::RootHelper(
    HelperOptions options,
    const Clock& clock,
    protocol::HostIdentity identity,
    protocol::SeenJobs seen)
    : options_(std::move(options)),
      clock_(clock),
      identity_(std::move(identity)),
      seen_(std::move(seen)) {}

Result<RootHelper> RootHelper::open(HelperOptions options, const Clock& clock) {
    THIMBLE_TRY(
        const std::string text, read_state_file(options.state / "identity.json", kMaxStateBytes));
    THIMBLE_TRY(protocol::HostIdentity identity, parse_identity(text));
    THIMBLE_TRY(make_state_folder(options.places.plans));
    THIMBLE_TRY(make_state_folder(options.state / "answers"));
    protocol::SeenJobs seen;
    const auto kept = read_state_file(options.state / "seen.json", kMaxStateBytes);
    if (kept) {
        THIMBLE_TRY(seen, protocol::parse_seen_jobs(*kept));
    } else if (kept.error().kind != ErrorKind::NotFound) {
        return kept.error();
    }
    return RootHelper(std::move(options), clock, std::move(identity), std::move(seen));
}

void RootHelper::converse(HelperConversation& agent) {
    const auto question = agent.question(kQuestionTimeout);
    if (!question || question->kind != HelperQuestion::Kind::Job) {
        return;
    }
    const auto answer = answer_to(question->text, agent);
    // Without an answer the agent asks again: what could not be kept must not be told.
    if (answer) {
        agent.say(*answer);
    }
}

Result<HelperAnswer> RootHelper::answer_to(const std::string& text, HelperConversation& agent) {
    const auto envelope = protocol::parse_envelope(text);
    if (!envelope) {
        return refused("", JobRefusal::Malformed);
    }
    const auto job = protocol::admit_job(*envelope, identity_, seen_, clock_.now());
    if (!job) {
        // A job that ended here may be asked about when it has expired; its seal must hold, though.
        const auto known = protocol::parse_job(envelope->content);
        const bool may_be_ours =
            job.error() == JobRefusal::Replayed || job.error() == JobRefusal::Expired;
        if (known && may_be_ours) {
            if (auto again = answer_again(*known); again) {
                return again;
            }
        }
        return refused(known && may_be_ours ? known->id : "", job.error());
    }
    return answer_to_admitted(*job, agent);
}

Result<HelperAnswer> RootHelper::answer_to_admitted(const Job& job, HelperConversation& agent) {
    const auto confirmed = protocol::needs_lease(job.kind)
        ? confirm_lease(job, agent)
        : Result<protocol::LeaseGrant, JobRefusal>(protocol::LeaseGrant());
    if (!confirmed && confirmed.error() == JobRefusal::Unanswered) {
        return refused(job.id, confirmed.error());  // not taken: an outage is no refusal
    }
    THIMBLE_TRY(take(job));
    return keep(
        confirmed ? carry_out(job, confirmed->approval, agent)
                  : refused(job.id, confirmed.error()));
}

Result<HelperAnswer> RootHelper::answer_again(const Job& job) {
    const auto kept = read_state_file(answer_file(job.id), kMaxHelperLineBytes);
    if (kept) {
        return parse_helper_answer(*kept);
    }
    const bool was_taken = std::ranges::any_of(
        seen_.jobs, [&](const protocol::SeenJob& seen) { return seen.id == job.id; });
    if (!was_taken) {
        return kept.error();
    }
    // Taken, and no answer: this program was killed meanwhile.
    return keep(result_of(job, bring_into_order(job)));
}

JobOutcome RootHelper::bring_into_order(const Job& job) const {
    HookRounds rounds = rounds_of(options_.hooks, job);
    if (job.kind == protocol::JobKind::Reboot) {
        JobOutcome outcome = restart(job, true);
        if (outcome.outcome != "done") {
            rounds.undrain();
        }
        outcome.hooks = rounds.ends();
        return outcome;
    }
    JobOutcome outcome{
        .outcome = "interrupted",
        .exit_status = 0,
        .plan_digest = job.plan_digest,
        .documents = {},
        .evidence = {},
        .output = {},
        .reboot = {},
        .hooks = {}};
    if (protocol::needs_lease(job.kind)) {
        const auto resumed = resume(job);
        outcome.exit_status = resumed ? resumed->exit_status : -1;
        const bool has_answer = resumed && !is_told_error(resumed->output);
        outcome.output = resumed ? (has_answer ? resumed->output : "") + resumed->errors
                                 : resumed.error().text();
        offer_documents(job, outcome);
    }
    rounds.undrain();
    outcome.hooks = rounds.ends();
    return outcome;
}

/// The program that this one had started may be at work still, and outlive it: its end is waited for, so
/// that nothing else begins beside it and the answer is the true one.
Result<host::Outcome> RootHelper::resume(const Job& job) const {
    const auto command = protocol::needs_control(job.kind) ? recover_command(job, options_.places)
                                                           : resume_command(options_.places);
    const auto give_up = std::chrono::steady_clock::now() + kJobTimeout;
    for (;;) {
        auto resumed = host::run_command(
            {.argv = command,
             .timeout = kJobTimeout,
             .output_limit = kMaxOutputBytes,
             .own_session = true});
        const bool is_at_work = resumed && resumed->errors.contains("[apply.run_active]");
        if (!is_at_work || std::chrono::steady_clock::now() >= give_up) {
            return resumed;
        }
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

Result<protocol::LeaseGrant, JobRefusal> RootHelper::confirm_lease(
    const Job& job, HelperConversation& agent) const {
    const std::string drawn = challenge();
    agent.say(
        {.kind = HelperAnswer::Kind::Lease, .job = job.id, .lease = job.lease, .text = drawn});
    const auto grant = agent.question(kGrantTimeout);
    if (!grant || grant->kind != HelperQuestion::Kind::Grant) {
        return JobRefusal::Unanswered;
    }
    if (grant->text.empty()) {
        return JobRefusal::Halted;
    }
    const auto envelope = protocol::parse_envelope(grant->text);
    if (!envelope) {
        return JobRefusal::Malformed;
    }
    THIMBLE_TRY(auto granted, protocol::check_lease(*envelope, job, drawn, identity_.key));
    if (clock_.now() >= job.expires_at) {
        return JobRefusal::Expired;
    }
    return granted;
}

Result<JobPlaces> RootHelper::places_with(const std::string& approval) const {
    JobPlaces places = options_.places;
    std::error_code unknown;
    // A list that cannot be looked at asks for approvals, too: what is unknown is not allowed.
    if (!std::filesystem::exists(places.approvers, unknown) && !unknown) {
        places.approvers.clear();
    }
    if (!places.approvers.empty() && !approval.empty()) {
        places.approval = (options_.state / "approval.json").string();
        THIMBLE_TRY(write_state_file(places.approval, approval));
    }
    return places;
}

JobOutcome RootHelper::restart(const Job& job, bool is_begun) const {
    JobOutcome outcome;
    const std::filesystem::path mark = options_.state / "reboot.json";
    const auto host = open_host(options_.places);
    if (!host) {
        outcome.output = host.error().text();
    } else {
        outcome.reboot = is_begun ? rebooted(**host, options_.reboot.patience, job.id, mark)
                                  : reboot(**host, options_.reboot, job.id, mark);
        outcome.output = outcome.reboot->why;
        outcome.exit_status = outcome.reboot->exit_status;
    }
    outcome.outcome = outcome.reboot && outcome.reboot->has_restarted ? "done" : "failed";
    return outcome;
}

HelperAnswer RootHelper::carry_out(
    const Job& job, std::string approval, HelperConversation& agent) {
    HookRounds rounds = rounds_of(options_.hooks, job);
    JobOutcome outcome;
    const bool may_change = rounds.before();
    if (!may_change) {
        outcome.outcome = "failed";
        outcome.exit_status = -1;
        outcome.output = sentence_of(rounds.ends().back());
    } else if (!rounds.ends().empty()) {
        // They may have taken long: a halt since then must still reach this host. Without an answer nothing is changed
        // either, and the host begins anew later.
        auto confirmed = confirm_lease(job, agent);
        if (!confirmed) {
            rounds.undrain();
            return refused(job.id, JobRefusal::Halted);
        }
        approval = std::move(confirmed->approval);
    }
    if (may_change) {
        outcome = work(job, approval, agent);
    }
    if (may_change && outcome.outcome == "done") {
        rounds.after();
    }
    // A host that has restarted is brought back when it was verified.
    if (job.kind != protocol::JobKind::Reboot || outcome.outcome != "done") {
        rounds.undrain();
    }
    outcome.hooks = rounds.ends();
    return result_of(job, std::move(outcome));
}

Result<void> RootHelper::prepare(const Job& job) const {
    const JobPlaces& places = options_.places;
    if (protocol::needs_plan(job.kind)) {
        const auto digest = digest_in_plan(plan_file(places, job.plan_digest));
        if (!digest || *digest != job.plan_digest) {
            return failure(
                ErrorKind::NotFound,
                "agent.no_plan",
                "there is no such plan on this host; prefetch it first");
        }
    }
    if (job.kind == protocol::JobKind::Prefetch) {
        // What an earlier one left is not this one's plan.
        std::error_code failed;
        std::filesystem::remove(fresh_plan_file(places), failed);
    }
    if (protocol::needs_control(job.kind) && places.control.empty()) {
        return failure(
            ErrorKind::NotFound, "agent.no_control", "there is no thimble-control on this host");
    }
    if (job.kind == protocol::JobKind::DeployControl && job.control) {
        return write_state_file(control_file(places, job.control->digest), job.control->document);
    }
    return {};
}

bool RootHelper::may_probe() {
    const Instant now = clock_.now();
    std::erase_if(probed_at_, [now](Instant at) { return at + std::chrono::minutes(1) <= now; });
    if (probed_at_.size() >= kMostProbesInAMinute) {
        return false;
    }
    probed_at_.push_back(now);
    return true;
}

JobOutcome RootHelper::work(
    const Job& job, const std::string& approval, HelperConversation& agent) {
    if (job.kind == protocol::JobKind::Reboot) {
        return restart(job, false);
    }
    JobOutcome outcome{
        .outcome = "failed",
        .exit_status = -1,
        .plan_digest = job.plan_digest,
        .documents = {},
        .evidence = {},
        .output = {},
        .reboot = {},
        .hooks = {}};
    if (const auto prepared = prepare(job); !prepared) {
        outcome.output = prepared.error().text();
        return outcome;
    }
    if (job.kind == protocol::JobKind::ProbeControl && !may_probe()) {
        outcome.output = "this host has tried as many ports of others in a minute as it may";
        return outcome;
    }
    const auto places = places_with(approval);
    if (!places) {
        outcome.output = places.error().text();
        return outcome;
    }
    if (job.kind == protocol::JobKind::DeployControl && !places->approvers.empty()) {
        outcome.output =
            "this host changes nothing without the signatures of its approvers, and controls have "
            "none";
        return outcome;
    }
    ProgressLines progress(job, agent);
    const auto ran = host::run_command(
        {.argv = command_of(job, *places),
         .timeout = kJobTimeout,
         .output_limit = kMaxOutputBytes,
         .overflow = host::Overflow::Drop,
         .own_session = true,
         .listener = [&](host::Channel channel, std::string_view bytes) {
             if (channel == host::Channel::Errors) {
                 progress.hear(bytes);
             }
         }});
    if (job.control) {
        std::error_code failed;  // whoever put it up keeps the document itself
        std::filesystem::remove(control_file(*places, job.control->digest), failed);
    }
    if (!ran) {
        outcome.output = ran.error().text();
        return outcome;
    }
    outcome.exit_status = ran->exit_status;
    outcome.outcome = ran->exit_status == 0 ? "done" : "failed";
    // For people the words, which name the code at their end.
    const bool has_answer = !ran->output.empty() && !is_told_error(ran->output);
    outcome.output = has_answer ? ran->output : ran->errors;
    offer_documents(job, outcome);
    return outcome;
}

std::vector<std::string> RootHelper::plan_documents(JobOutcome& outcome) const {
    outcome.plan_digest = keep_plan(options_.places);
    auto plan = read_state_file(plan_file(options_.places, outcome.plan_digest), kMaxPlanBytes);
    if (plan) {
        return {*std::move(plan)};
    }
    std::error_code unknown;
    if (std::filesystem::exists(fresh_plan_file(options_.places), unknown)) {
        outcome.outcome = "failed";  // it was frozen, and could not be kept
        return {};
    }
    return {printed_document(outcome.output)};  // why there is none
}

std::vector<std::string> RootHelper::documents_of(const Job& job, JobOutcome& outcome) const {
    if (job.kind == protocol::JobKind::Prefetch) {
        return plan_documents(outcome);
    }
    if (job.kind != protocol::JobKind::Inventory || outcome.exit_status != 0) {
        return {printed_document(outcome.output)};
    }
    const std::size_t end = std::min(outcome.output.find('\n'), outcome.output.size());
    std::vector<std::string> texts{
        outcome.output.substr(0, end),
        outcome.output.substr(std::min(end + 1, outcome.output.size()))};
    std::erase(texts.back(), '\n');
    outcome.output.clear();
    return texts;
}

void RootHelper::offer_documents(const Job& job, JobOutcome& outcome) const {
    std::vector<std::string> texts = documents_of(job, outcome);
    if (job.kind == protocol::JobKind::Apply) {
        const std::string evidence = evidence_of(options_.places, job.plan_digest);
        outcome.evidence = evidence.empty() ? "" : sha256_of(evidence);
        texts.push_back(evidence);
    }
    std::erase(texts, "");
    const std::filesystem::path folder = options_.socket.parent_path() / "documents";
    std::error_code failed;
    std::filesystem::remove_all(folder, failed);  // those of the job before
    if (texts.empty() || !make_state_folder(folder)
        || !let_read(folder, kReadableFolder, options_.peer_group)) {
        return;
    }
    for (const std::string& text : texts) {
        const std::string digest = sha256_of(text);
        const std::filesystem::path file = folder / ("document-" + digest + ".json");
        if (write_state_file(file, text) && let_read(file, kReadableFile, options_.peer_group)) {
            outcome.documents.push_back(digest);
        }
    }
}

Result<void> RootHelper::take(const Job& job) {
    seen_ = protocol::with_job(
        std::move(seen_),
        {.id = job.id, .sequence = job.sequence, .expires_at = job.expires_at},
        clock_.now());
    return write_state_file(options_.state / "seen.json", protocol::format_seen_jobs(seen_));
}

Result<HelperAnswer> RootHelper::keep(const HelperAnswer& answer) {
    drop_all_but_newest(options_.places.plans, is_plan, kMaxPlans);
    drop_all_but_newest(options_.state / "answers", is_answer, kMaxAnswers);
    THIMBLE_TRY(write_state_file(answer_file(answer.job), format_helper_answer(answer)));
    return answer;
}

std::filesystem::path RootHelper::answer_file(const std::string& job) const {
    return options_.state / "answers" / (job + ".json");
}

}  // namespace thimble::agent
