#include "thimble/cli/kept_rehearsal.hpp"

#include "thimble/apply/configuration.hpp"
#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/read_prechecks.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/model/plan_command.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

/// How it is told of a transaction that the clone's own limits ended it: see host::Enclosure and host::converse.
constexpr std::string_view kTooLarge = "the clone needs more than ";
constexpr std::string_view kTooLong = " took too long";
/// Before the name of the package that failed, in the evidence of a transaction.
constexpr std::string_view kPackage = "package ";

constexpr std::size_t kMaxRehearsal = std::size_t{64} << 20;

Error refusal(const char* code, std::string message) {
    return failure(ErrorKind::Conflict, code, std::move(message));
}

rehearse::RehearsedHost host_now(
    const rehearse::Rehearsal& rehearsal, const RehearsalQuestion& question) {
    rehearse::RehearsedHost host{
        .plan_digest = question.plan_digest,
        .state = question.host_state,
        .changes = question.changes,
        .configuration = {},
        .now = question.now,
        .max_age = question.max_age};
    if (rehearsal.configuration) {
        std::vector<std::string> paths;
        for (const apply::KeptFile& file : *rehearsal.configuration) {
            paths.push_back(file.path);
        }
        host.configuration = apply::look_at_configuration(question.root, paths);
    }
    return host;
}

std::string file_word(const RehearsalQuestion& question) {
    return shell_word(printable(question.plan));
}

std::string rehearse_command(const RehearsalQuestion& question) {
    return "thimble patch rehearse " + file_word(question);
}

std::string plan_again_step(const RehearsalQuestion& question) {
    return "make the plan again: "
        + model::plan_command(question.request, " --output " + file_word(question)) + ", then "
        + rehearse_command(question);
}

/// The package whose script failed, or that could not be unpacked; empty: none is known.
std::string failed_package(const rehearse::Check& transaction) {
    const auto line = std::ranges::find_if(
        transaction.evidence, [](const std::string& one) { return one.starts_with(kPackage); });
    return line == transaction.evidence.end() ? std::string() : line->substr(kPackage.size());
}

/// To leave out what is known to break it; empty: nothing would be left.
std::string plan_without(const RehearsalQuestion& question, const std::string& package) {
    model::PlanRequest request = question.request;
    model::PlanSelection& selection = request.selection;
    std::erase(selection.packages, package);
    selection.excluded.push_back(package.empty() ? "PACKAGE" : package);
    const bool is_empty = !selection.security && !selection.all && selection.packages.empty()
        && selection.vulnerabilities.empty() && selection.advisories.empty();
    return is_empty ? std::string() : model::plan_command(request);
}

Error not_rehearsed(const RehearsalQuestion& question) {
    const std::string without = "--without-rehearsal --reason TEXT";
    return refusal(
        "apply.not_rehearsed",
        question.is_bare
            ? "the plan was not rehearsed, and cannot be on this host: thimble patch apply "
                + file_word(question) + " " + without
            : "the plan was not rehearsed on this host: " + rehearse_command(question) + " (or "
                + without + ")");
}

}  // namespace

Result<RehearsalQuestion> rehearsal_question(
    const PatchOptions& options, const model::Plan& plan, const PatchHost& host) {
    THIMBLE_TRY(const std::string host_state, host.packages->host_state());
    return RehearsalQuestion{
        .plan = options.plan,
        .plan_digest = apply::plan_digest(plan),
        .plan_state = plan.host_state,
        .host_state = host_state,
        .request = model::request_of(plan),
        .changes = host_state == plan.host_state ? std::string()
                                                 : apply::read_changes(plan, *host.packages),
        .root = root_of(options),
        .now = host::SystemClock().now(),
        .max_age = std::chrono::days(options.max_age_days),
        .is_bare = host.is_bare};
}

Result<std::string> passing_rehearsal(
    const std::filesystem::path& state, const RehearsalQuestion& question) {
    const std::string path = (state / "rehearsals" / (question.plan_digest + ".json")).string();
    auto text = apply::read_whole_file(path, kMaxRehearsal);
    if (!text) {
        return not_rehearsed(question);
    }
    THIMBLE_TRY(const rehearse::Rehearsal rehearsal, rehearse::parse_rehearsal(*text));
    if (const auto stale = rehearse::why_stale(rehearsal, host_now(rehearsal, question))) {
        const bool is_plan_right = stale->why == rehearse::Staleness::TooOld
            || stale->why == rehearse::Staleness::ConfigurationChanged;
        return refusal(
            "apply.rehearsal_stale",
            "the rehearsal of the plan says nothing any more: " + stale->words
                + (is_plan_right ? "; rehearse it again: " + rehearse_command(question)
                                 : "; " + plan_again_step(question)));
    }
    if (rehearsal.verdict == rehearse::CheckVerdict::Fail) {
        return refusal(
            "apply.rehearsal_failed",
            "the plan did not pass its rehearsal, see " + path + "; "
                + step_after_failed_rehearsal(rehearsal, question));
    }
    return *std::move(text);
}

std::string step_after_failed_rehearsal(
    const rehearse::Rehearsal& rehearsal, const RehearsalQuestion& question) {
    const auto failed = std::ranges::find_if(rehearsal.checks, [](const rehearse::Check& check) {
        return check.name == "transaction" && check.verdict == rehearse::CheckVerdict::Fail;
    });
    const bool has_ended = failed == rehearsal.checks.end();
    if (!has_ended && failed->summary.contains(kTooLarge)) {
        return "give the clone more: " + rehearse_command(question) + " --size-limit BYTES";
    }
    if (!has_ended && failed->summary.ends_with(kTooLong)) {
        return "give it more time: " + rehearse_command(question) + " --time-limit SECONDS";
    }
    const std::string without =
        plan_without(question, has_ended ? std::string() : failed_package(*failed));
    return without.empty() ? "mend what breaks, then " + rehearse_command(question)
                           : "mend what breaks, or leave it out: " + without;
}

std::string step_to_apply(const std::filesystem::path& state, const RehearsalQuestion& question) {
    if (question.host_state != question.plan_state) {
        return plan_again_step(question);
    }
    const auto passing = passing_rehearsal(state, question);
    if (passing) {
        return "thimble patch apply " + file_word(question);
    }
    const bool can_be_rehearsed =
        passing.error().code == "apply.not_rehearsed" && !question.is_bare;
    const std::string step = can_be_rehearsed ? std::string() : step_in(passing.error().text());
    return step.empty() ? rehearse_command(question) : step;
}

}  // namespace thimble::cli
