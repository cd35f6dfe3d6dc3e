#pragma once
/// @file Runs a hook: an executable that the owner of the host has put in place. A job names it, and brings nothing.

#include "thimble/model/owner_hook.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::agent {

/// Where hooks lie, and whose they are.
struct HookPlace {
    std::filesystem::path folder = "/etc/thimble/hooks";
    uid_t owner = 0;
};

/// How a hook ended; kept as evidence.
struct HookEnd {
    enum class Ending : std::uint8_t {
        Done,     ///< exit status 0
        Failed,   ///< any other
        Late,     ///< killed when its time was up
        Refused,  ///< not there, or not as it must be
    };
    model::OwnerHook hook;
    Ending ending = Ending::Done;
    int exit_status = 0;
    std::chrono::seconds lasted{0};
    std::string output;  ///< the end of what it said, printable
};
std::string_view hook_ending_name(HookEnd::Ending ending);
/// "hook drain-lb (drain) failed with exit status 1: no such pool"
std::string sentence_of(const HookEnd& end);

/// Why a hook may not be run; empty: it is a plain file of the owner, executable, in a folder of his, and nobody else can
/// write to either.
std::string why_not_run(const HookPlace& place, std::string_view name);

/// Runs it without arguments, with an environment of PATH, LC_ALL, THIMBLE_HOOK, THIMBLE_PHASE and THIMBLE_DEPLOYMENT.
HookEnd run_hook(
    const HookPlace& place, const model::OwnerHook& hook, const std::string& deployment);

/// The hooks around one change, each run at most once.
class HookRounds {
public:
    HookRounds(const HookPlace& place, std::vector<model::OwnerHook> hooks, std::string deployment)
        : place_(place), hooks_(std::move(hooks)), deployment_(std::move(deployment)) {}

    /// Drain, then Pre.
    /// @return false: one failed that is not ignored; nothing may be changed, and Undrain is due
    bool before();
    /// Post.
    void after() { run(model::HookStep::Post); }
    void undrain() { run(model::HookStep::Undrain); }

    [[nodiscard]] const std::vector<HookEnd>& ends() const { return ends_; }

private:
    bool run(model::HookStep step);

    const HookPlace& place_;
    std::vector<model::OwnerHook> hooks_;
    std::string deployment_;
    std::vector<HookEnd> ends_;
};

}  // namespace thimble::agent
