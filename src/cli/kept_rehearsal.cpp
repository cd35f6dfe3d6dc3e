#include "thimble/cli/kept_rehearsal.hpp"

#include "thimble/apply/configuration.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

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

}  // namespace

Result<std::string> passing_rehearsal(
    const std::filesystem::path& state, const RehearsalQuestion& question) {
    const std::string path = (state / "rehearsals" / (question.plan_digest + ".json")).string();
    auto text = apply::read_whole_file(path, kMaxRehearsal);
    if (!text) {
        return refusal(
            "apply.not_rehearsed",
            "the plan was not rehearsed on this host: thimble patch rehearse PLAN (or "
            "--without-rehearsal --reason TEXT)");
    }
    THIMBLE_TRY(const rehearse::Rehearsal rehearsal, rehearse::parse_rehearsal(*text));
    if (const auto stale = rehearse::why_stale(rehearsal, host_now(rehearsal, question))) {
        const bool is_plan_right = stale->why == rehearse::Staleness::TooOld
            || stale->why == rehearse::Staleness::ConfigurationChanged;
        return refusal(
            "apply.rehearsal_stale",
            "the rehearsal of the plan says nothing any more: " + stale->words
                + (is_plan_right ? "; rehearse it again"
                                 : "; make the plan and the rehearsal again"));
    }
    if (rehearsal.verdict == rehearse::CheckVerdict::Fail) {
        return refusal(
            "apply.rehearsal_failed", "the plan did not pass its rehearsal; see " + path);
    }
    return *std::move(text);
}

}  // namespace thimble::cli
