#include "thimble/agent/owner_hook.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/host/run_command.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::agent {
namespace {

constexpr std::size_t kMaxEvidenceBytes = 2048;
constexpr std::size_t kMaxOutputBytes = std::size_t{64} << 10;

/// Whether something belongs to the owner and nobody else can write to it. Links are not followed.
bool is_owners_alone(const std::filesystem::path& path, uid_t owner, mode_t type) {
    struct ::stat info{};
    return ::lstat(path.c_str(), &info) == 0 && (info.st_mode & S_IFMT) == type
        && info.st_uid == owner && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

std::string evidence_of(const host::Outcome& outcome) {
    std::string said = outcome.output + outcome.errors;
    said.erase(said.find_last_not_of(" \n") + 1);
    if (said.size() > kMaxEvidenceBytes) {
        said = said.substr(said.size() - kMaxEvidenceBytes);
    }
    return printable(said, 2 * kMaxEvidenceBytes);
}

}  // namespace

std::string_view hook_ending_name(HookEnd::Ending ending) {
    switch (ending) {
        case HookEnd::Ending::Done: return "done";
        case HookEnd::Ending::Failed: return "failed";
        case HookEnd::Ending::Late: return "late";
        case HookEnd::Ending::Refused: return "refused";
    }
    return "";
}

std::string sentence_of(const HookEnd& end) {
    std::string text =
        "hook " + end.hook.name + " (" + std::string(model::hook_step_name(end.hook.step)) + ") ";
    switch (end.ending) {
        case HookEnd::Ending::Done: text += "was well"; break;
        case HookEnd::Ending::Failed:
            text += "failed with exit status " + std::to_string(end.exit_status);
            break;
        case HookEnd::Ending::Late:
            text += "took longer than " + std::to_string(end.hook.limit.count()) + " s";
            break;
        case HookEnd::Ending::Refused: text += "was not run"; break;
    }
    return text + (end.output.empty() ? "" : ": " + end.output);
}

std::string why_not_run(const HookPlace& place, std::string_view name) {
    if (!model::is_hook_name(name)) {
        return "that is no name of a hook";
    }
    if (!is_owners_alone(place.folder, place.owner, S_IFDIR)) {
        return place.folder.string() + " must be a folder of root to which nobody else can write";
    }
    const std::filesystem::path file = place.folder / name;
    if (!is_owners_alone(file, place.owner, S_IFREG)) {
        return file.string() + " must be a plain file of root to which nobody else can write";
    }
    struct ::stat info{};
    const bool can_run = ::lstat(file.c_str(), &info) == 0 && (info.st_mode & S_IXUSR) != 0;
    return can_run ? "" : file.string() + " must be executable: chmod 755";
}

HookEnd run_hook(
    const HookPlace& place, const model::OwnerHook& hook, const std::string& deployment) {
    HookEnd end;
    end.hook = hook;
    end.output = why_not_run(place, hook.name);
    if (!end.output.empty()) {
        end.ending = HookEnd::Ending::Refused;
        return end;
    }
    const auto began = std::chrono::steady_clock::now();
    const auto ran = host::run_command(
        {.argv =
             {"/usr/bin/env",
              "-i",
              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
              "LC_ALL=C.UTF-8",
              "THIMBLE_HOOK=" + hook.name,
              "THIMBLE_PHASE=" + std::string(model::hook_step_name(hook.step)),
              "THIMBLE_DEPLOYMENT=" + deployment,
              (place.folder / hook.name).string()},
         .timeout = hook.limit,
         .output_limit = kMaxOutputBytes,
         .overflow = host::Overflow::Drop,
         .own_session = true});
    end.lasted =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
    if (!ran) {
        end.ending =
            ran.error().code == "host.timeout" ? HookEnd::Ending::Late : HookEnd::Ending::Refused;
        end.output = ran.error().text();
        return end;
    }
    end.exit_status = ran->exit_status;
    end.ending = ran->exit_status == 0 ? HookEnd::Ending::Done : HookEnd::Ending::Failed;
    end.output = evidence_of(*ran);
    return end;
}

bool HookRounds::before() {
    return run(model::HookStep::Drain) && run(model::HookStep::Pre);
}

bool HookRounds::run(model::HookStep step) {
    const auto hook = std::ranges::find(hooks_, step, &model::OwnerHook::step);
    if (hook == hooks_.end()) {
        return true;
    }
    ends_.push_back(run_hook(place_, *hook, deployment_));
    return ends_.back().ending == HookEnd::Ending::Done
        || hook->on_failure == model::HookFailure::Ignore;
}

}  // namespace thimble::agent
