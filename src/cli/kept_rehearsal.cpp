#include "thimble/cli/kept_rehearsal.hpp"

#include "thimble/apply/whole_file.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

namespace thimble::cli {
namespace {

constexpr std::size_t kMaxRehearsal = std::size_t{64} << 20;

Error refusal(const char* code, std::string message) {
    return failure(ErrorKind::Conflict, code, std::move(message));
}

}  // namespace

Result<std::string> passing_rehearsal(
    const std::filesystem::path& state,
    const std::string& plan_digest,
    const std::string& host_state) {
    const std::string path = (state / "rehearsals" / (plan_digest + ".json")).string();
    auto text = apply::read_whole_file(path, kMaxRehearsal);
    if (!text) {
        return refusal(
            "apply.not_rehearsed",
            "the plan was not rehearsed on this host: thimble patch rehearse PLAN (or "
            "--without-rehearsal --reason TEXT)");
    }
    THIMBLE_TRY(const rehearse::Rehearsal rehearsal, rehearse::parse_rehearsal(*text));
    if (rehearse::why_stale(rehearsal, plan_digest, host_state)) {
        return refusal(
            "apply.rehearsal_stale",
            "the host has changed since the plan was rehearsed: make the plan and the rehearsal "
            "again");
    }
    if (rehearsal.verdict == rehearse::CheckVerdict::Fail) {
        return refusal(
            "apply.rehearsal_failed", "the plan did not pass its rehearsal; see " + path);
    }
    return *std::move(text);
}

}  // namespace thimble::cli
