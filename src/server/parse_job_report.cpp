#include "thimble/server/parse_job_report.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/plan_words.hpp"
#include "thimble/apply/run_cause.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/protocol/identifier.hpp"
#include "thimble/protocol/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace thimble::server {
namespace {

using rollout::JobEnd;

/// A tree of values takes many times the room of its text.
constexpr std::size_t kMaxDocumentBytes = std::size_t{16} << 20U;
constexpr std::size_t kMaxWhyBytes = 1000;
constexpr std::size_t kMostPatches = 5000;
constexpr std::size_t kMaxHookBytes = 4096;
constexpr std::size_t kMostHooks = 4;

/// Of states, best first; what is not here is worse than unknown.
constexpr std::array<std::string_view, 4> kStates{
    "verified", "installed_pending_restart", "installed_pending_reboot", "unknown"};

/// The results of docs/formats/run.md.
constexpr std::array<std::string_view, 7> kResults{
    "applied", "skipped", "unchanged", "rolled_back", "failed", "failed_health", "rollback_failed"};
constexpr std::array<std::string_view, 3> kOutcomes{"done", "failed", "interrupted"};
/// Causes there that say nothing of a patch; one that is not here, or is not told, may be the patch's.
constexpr std::array<apply::RunCause, 2> kSurroundings{
    apply::RunCause::NoSpace, apply::RunCause::Locked};

std::size_t badness(const std::string& state) {
    return static_cast<std::size_t>(std::ranges::find(kStates, state) - kStates.begin());
}

std::string sentence(std::string_view text) {
    return printable(text, kMaxWhyBytes);
}

/// The last line that says something.
std::string last_line(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \r\n\t");
    if (end == std::string_view::npos) {
        return {};
    }
    text = text.substr(0, end + 1);
    const std::size_t start = text.rfind('\n');
    return sentence(start == std::string_view::npos ? text : text.substr(start + 1));
}

/// An error as programs print it. The code at its end tells what it was, so that it stays where the words before it are cut.
std::string error_sentence(std::string_view words) {
    constexpr std::size_t kMaxCodeBytes = 100;
    constexpr std::string_view kCut = "...";
    const std::size_t start = words.ends_with(']') ? words.rfind(" [") : std::string_view::npos;
    if (words.size() <= kMaxWhyBytes || start == std::string_view::npos
        || words.size() - start > kMaxCodeBytes) {
        return sentence(words);
    }
    const std::string code = printable(words.substr(start));
    return printable(words.substr(0, start), kMaxWhyBytes - kCut.size() - code.size())
        .append(kCut)
        .append(code);
}

/// The last sentence that says something, of a program that failed the error: its lines go on with blanks in front.
std::string last_sentence(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \r\n\t");
    text = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
    std::size_t start = text.rfind('\n');
    while (start != std::string_view::npos && text.substr(start + 1).starts_with(' ')) {
        start = start == 0 ? std::string_view::npos : text.rfind('\n', start - 1);
    }
    std::string words;
    Lines lines(start == std::string_view::npos ? text : text.substr(start + 1));
    for (std::string_view line; lines.next(line);) {
        words.append(words.empty() ? "" : " ").append(trimmed(line));
    }
    return error_sentence(words);
}

void read_run(const JsonValue& document, JobEnd& end) {
    JsonMembers members(document);
    std::string run = members.text("run");
    std::string result = members.text("result");
    const std::string reason = members.text_or_null("reason");
    const bool is_known = std::ranges::find(kResults, result) != kResults.end();
    if (members.done() && is_known && protocol::is_identifier(run)) {
        end.run = std::move(run);
        end.result = std::move(result);
        end.why = sentence(reason);
        const std::string cause = JsonMembers(document).text_or_null("cause");
        end.is_of_surroundings =
            std::ranges::find(kSurroundings, cause, apply::run_cause_name) != kSurroundings.end();
    }
}

/// What was selected and is in no plan, with the first reason. What is named and has nothing newer is not held back here: whether
/// there is nothing to do with it, the frozen set of a rollout tells.
void read_left_out(const JsonValue& document, JobEnd& end) {
    JsonMembers members(document);
    const JsonValue::Array& left_out = members.array("left_out");
    if (!members.done()) {
        return;
    }
    std::string first;
    std::size_t held = 0;
    for (const JsonValue& value : left_out) {
        JsonMembers one(value);
        const std::string source = one.text("source");
        const std::string why = one.text("why");
        if (one.text("code") == "nothing_newer") {
            end.why = end.why.empty() ? sentence(fmt::format("{}: {}", source, why)) : end.why;
        } else if (held++ == 0) {
            first = fmt::format("{}: {}", source, why);
        }
    }
    if (held > 0) {
        end.held_back =
            sentence(held > 1 ? fmt::format("{} (and {} more)", first, held - 1) : first);
    }
}

/// Why a host could not tell whether something is to be patched.
void read_gaps(const JsonValue& document, JobEnd& end) {
    JsonMembers members(document);
    const JsonValue::Array& gaps = members.array("gaps");
    if (!members.done() || gaps.empty()) {
        return;  // an agent of before says none
    }
    JsonMembers first(gaps.front());
    end.why = sentence(first.text("detail"));
}

void read_rehearsal(const JsonValue& document, JobEnd& end) {
    JsonMembers members(document);
    for (const JsonValue& value : members.array("checks")) {
        JsonMembers check(value);
        const std::string name = check.text("name");
        const std::string verdict = check.text("verdict");
        const std::string summary = check.text("summary");
        if (check.done() && verdict == "fail") {
            end.why = sentence(fmt::format("{}: {}", name, summary));
            return;
        }
    }
}

/// @param planned  what it must tell of
void read_verification(
    const JsonValue& document,
    std::span<const std::pair<std::string, std::string>> planned,
    JobEnd& end) {
    JsonMembers members(document);
    std::set<std::pair<std::string, std::string>> verified;
    for (const JsonValue& value : members.array("patches")) {
        JsonMembers patch(value);
        const std::string source = patch.text("source");
        std::string state = patch.text("state");
        const std::string to_version = patch.text_or_null("to_version");
        const std::vector<std::string> evidence = patch.texts("evidence");
        if (!patch.done()) {
            end.worst_state = "unknown";
            end.why = "the host's verification cannot be read";
            return;
        }
        if (state == "verified") {
            verified.emplace(source, to_version);
        }
        if (end.worst_state.empty() || badness(state) > badness(end.worst_state)) {
            end.worst_state = std::move(state);
            end.why = sentence(
                evidence.empty() ? source : fmt::format("{}: {}", source, evidence.front()));
        }
    }
    const auto untold =
        std::ranges::find_if(planned, [&](const auto& patch) { return !verified.contains(patch); });
    if (end.worst_state == "verified" && untold != planned.end()) {
        end.worst_state = "unknown";
        end.why = sentence("the verification does not tell of " + untold->first);
    }
}

void read_document(const JobFacts& facts, JobEnd& end) {
    if (facts.document.empty() || facts.document.size() > kMaxDocumentBytes) {
        return;
    }
    const auto document = parse_json(facts.document);
    if (!document) {
        return;
    }
    if (facts.kind == "prefetch" && end.plan_digest.empty()) {
        read_left_out(*document, end);
        read_gaps(*document, end);
    } else if (facts.kind == "apply" || facts.kind == "rollback") {
        read_run(*document, end);
    } else if (facts.kind == "rehearse") {
        read_rehearsal(*document, end);
    } else if (facts.kind == "verify" || facts.kind == "restart-services") {
        read_verification(*document, facts.planned, end);
    }
}

Result<HookReport> read_hook(const JsonValue& value) {
    constexpr std::array<std::string_view, 4> kEnds{"done", "failed", "late", "refused"};
    JsonMembers members(value);
    HookReport hook;
    const auto step = model::hook_step_named(members.text("step"));
    hook.name = members.text("name");
    hook.ended = members.text("ended");
    hook.exit_status = members.number("exit_status");
    hook.seconds = members.number("seconds");
    hook.output = printable(members.text("output"), kMaxHookBytes);
    if (!step) {
        members.reject("step");
    }
    if (!model::is_hook_name(hook.name)) {
        members.reject("name");
    }
    if (std::ranges::find(kEnds, hook.ended) == kEnds.end()) {
        members.reject("ended");
    }
    THIMBLE_TRY(members.done());
    hook.step = step.value_or(model::HookStep::Drain);
    return hook;
}

/// What follows of the hooks that failed; of several the worst.
void judge_hooks(
    std::span<const HookReport> hooks, std::span<const model::OwnerHook> rules, JobEnd& end) {
    for (const HookReport& hook : hooks) {
        const auto rule = std::ranges::find(rules, hook.step, &model::OwnerHook::step);
        const bool counts = hook.ended != "done" && rule != rules.end()
            && rule->on_failure != model::HookFailure::Ignore;
        if (counts && (!end.hook_failure || rule->on_failure > *end.hook_failure)) {
            end.hook_failure = rule->on_failure;
            end.hook_why = sentence(fmt::format(
                "hook {} ({}): {}{}{}",
                hook.name,
                model::hook_step_name(hook.step),
                hook.ended == "failed" ? fmt::format("exit status {}", hook.exit_status)
                                       : hook.ended,
                hook.output.empty() ? "" : ": ",
                last_line(hook.output)));
        }
    }
}

std::optional<JobReport> read_result(JsonMembers& members) {
    JobReport report{.kind = JobReport::Kind::Result};
    report.job = members.text("job");
    report.outcome = members.text("outcome");
    report.exit_status = static_cast<int>(members.number("exit_status"));
    report.plan_digest = members.text_or_null("plan_digest");
    std::vector<std::string> documents = members.texts("documents");
    report.evidence = members.is_null("evidence") ? "" : members.text("evidence");
    report.text = members.text("output");
    if (report.kind == JobReport::Kind::Result && !members.is_null("boot")) {
        JsonMembers boot(members.member("boot"));
        report.boot_before = boot.text("before");
        report.boot_after = boot.text("after");
        if (!boot.done()) {
            return std::nullopt;
        }
    }
    if (!members.is_null("hooks")) {
        auto hooks = read_items<HookReport>(members.array("hooks"), read_hook);
        if (!hooks || hooks->size() > kMostHooks) {
            return std::nullopt;
        }
        report.hooks = *std::move(hooks);
    }
    const bool are_digests = std::ranges::all_of(documents, is_sha256);
    const bool has_plan = report.plan_digest.empty() || is_sha256(report.plan_digest);
    const bool has_outcome = std::ranges::find(kOutcomes, report.outcome) != kOutcomes.end();
    const bool names_evidence =
        report.evidence.empty() || std::ranges::find(documents, report.evidence) != documents.end();
    if (!members.done() || !are_digests || !has_plan || !has_outcome || !names_evidence) {
        return std::nullopt;
    }
    std::erase(documents, report.evidence);
    report.document = documents.empty() ? "" : documents.front();
    return report;
}

/// Of reports that are a line for people, or say nothing but which job.
std::optional<JobReport::Kind> line_kind_named(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, JobReport::Kind>, 4> kKinds{
        {{"job.begun", JobReport::Kind::Begun},
         {"job.progress", JobReport::Kind::Progress},
         {"job.waiting", JobReport::Kind::Waiting},
         {"job.refused", JobReport::Kind::Refused}}};
    const auto* const found =
        std::ranges::find(kKinds, name, &std::pair<std::string_view, JobReport::Kind>::first);
    return found == kKinds.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::optional<JobReport> parse_job_report(const store::Report& report) {
    const auto line = line_kind_named(report.kind);
    if (!line && report.kind != "job.result") {
        return std::nullopt;
    }
    const auto document = parse_json(report.content);
    if (!document) {
        return std::nullopt;
    }
    JsonMembers members(*document);
    if (!line) {
        return read_result(members);
    }
    JobReport read{.kind = *line, .job = members.text("job")};
    if (*line != JobReport::Kind::Begun) {
        read.text = sentence(members.text(*line == JobReport::Kind::Refused ? "why" : "text"));
    }
    return members.done() ? std::optional(std::move(read)) : std::nullopt;
}

std::string format_hooks(std::span<const HookReport> hooks) {
    if (hooks.empty()) {
        return {};
    }
    std::string text;
    JsonWriter json(text);
    json.open_array();
    for (const HookReport& hook : hooks) {
        json.open_object().member("step", model::hook_step_name(hook.step));
        json.member("name", hook.name).member("ended", hook.ended);
        json.key("exit_status").number(hook.exit_status).key("seconds").number(hook.seconds);
        json.member("output", hook.output).close_object();
    }
    json.close_array();
    return text;
}

JobEnd end_of_job(const JobReport& report, const JobFacts& facts) {
    JobEnd end;
    if (report.kind == JobReport::Kind::Refused) {
        end.ending = JobEnd::Ending::Refused;
        end.why = report.text;
        return end;
    }
    end.exit_status = report.exit_status;
    end.plan_digest = report.plan_digest;
    end.boot_before = report.boot_before;
    end.boot_after = report.boot_after;
    judge_hooks(report.hooks, facts.hooks, end);
    read_document(facts, end);
    if (report.outcome == "interrupted") {
        end.ending = JobEnd::Ending::Interrupted;
    } else if (report.outcome != "done" || report.exit_status != 0) {
        end.ending = JobEnd::Ending::Failed;
    }
    if (end.why.empty() && end.ending != JobEnd::Ending::Done) {
        end.why = last_sentence(report.text);
    }
    // What was named is not there, or is at its fix already: with several hosts that is no failure.
    if (facts.kind == "prefetch" && end.why.contains("[apply.nothing_selected]")) {
        end.ending = JobEnd::Ending::Done;
    }
    return end;
}

std::optional<std::vector<model::LeftOut>> left_out_of_document(std::string_view document) {
    if (document.size() > kMaxDocumentBytes) {
        return std::nullopt;
    }
    const auto value = parse_json(document);
    if (!value) {
        return std::nullopt;
    }
    JsonMembers members(*value);
    auto left_out = read_items<model::LeftOut>(members.array("left_out"), apply::read_left_out);
    return members.done() && left_out ? std::optional(*std::move(left_out)) : std::nullopt;
}

std::optional<FrozenPlan> plan_of_document(const std::string& digest, std::string_view document) {
    if (document.size() > kMaxDocumentBytes) {
        return std::nullopt;
    }
    auto plan = apply::parse_plan(document);
    if (!plan || apply::plan_digest(*plan) != digest || plan->patches.size() > kMostPatches) {
        return std::nullopt;
    }
    FrozenPlan frozen;
    store::HostPlan& row = frozen.row;
    row.digest = digest;
    for (const model::PlannedPatch& patch : plan->patches) {
        row.patches +=
            fmt::format("{}{} {}", row.patches.empty() ? "" : ", ", patch.source, patch.to_version);
    }
    row.steps = static_cast<std::int64_t>(plan->steps.size());
    row.download_bytes = static_cast<std::int64_t>(plan->download_bytes);
    row.restart = apply::restart_word(plan->restart);
    row.problems = static_cast<std::int64_t>(plan->problems.size());
    row.created_at = plan->created_at;
    frozen.selection = protocol::format_selection(plan->selection);
    frozen.problem = plan->problems.empty() ? "" : sentence(plan->problems.front().detail);
    frozen.plan = *std::move(plan);
    return frozen;
}

}  // namespace thimble::server
