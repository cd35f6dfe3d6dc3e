#include "thimble/cli/kept_rehearsal.hpp"

#include "thimble/apply/whole_file.hpp"
#include "thimble/base/json_members.hpp"

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
    THIMBLE_TRY(const JsonValue document, parse_json(*text));
    JsonMembers members(document);
    const std::string verdict = members.text("verdict");
    const std::string rehearsed = members.text("plan_digest");
    const std::string rehearsed_state = members.text("host_state");
    THIMBLE_TRY(members.done());
    if (rehearsed != plan_digest || rehearsed_state != host_state) {
        return refusal(
            "apply.rehearsal_stale",
            "the host has changed since the plan was rehearsed: make the plan and the rehearsal "
            "again");
    }
    if (verdict != "pass" && verdict != "warn") {
        return refusal(
            "apply.rehearsal_failed", "the plan did not pass its rehearsal; see " + path);
    }
    return *std::move(text);
}

}  // namespace thimble::cli
