#pragma once
/// @file Hooks: programs that a host's owner has put in place, which a server can name and never bring. Values alone.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

/// Around what a hook runs, in this order.
enum class HookStep : std::uint8_t {
    Drain,    ///< before a transaction and before a reboot: out of service
    Pre,      ///< right before a transaction
    Post,     ///< after one that went well
    Undrain,  ///< after a transaction, however it ended, and after a reboot was verified
};

/// What follows when a hook fails.
enum class HookFailure : std::uint8_t {
    SkipHost,  ///< of Drain and Pre: nothing is changed, and the host is tried again
    FailHost,  ///< of Post and Undrain: the host is not well
    HaltRing,  ///< the rollout halts at once
    Ignore,    ///< it is noted
};

struct OwnerHook {
    HookStep step = HookStep::Drain;
    std::string name;  ///< of an executable in the folder of hooks
    std::chrono::seconds limit{300};
    HookFailure on_failure = HookFailure::SkipHost;
    bool operator==(const OwnerHook&) const = default;
};

inline constexpr std::chrono::seconds kLongestHook{1800};

/// "drain", "pre", "post", "undrain".
std::string_view hook_step_name(HookStep step);
std::optional<HookStep> hook_step_named(std::string_view name);
/// "skip-host", "fail-host", "halt-ring", "ignore".
std::string_view hook_failure_name(HookFailure failure);
std::optional<HookFailure> hook_failure_named(std::string_view name);

/// Whether the step comes before the change.
bool is_before_change(HookStep step);
/// What follows a failure where nothing is said.
HookFailure default_failure(HookStep step);

/// a-z, 0-9 and -, the first no dash, at most 64: never a path, never an option.
bool is_hook_name(std::string_view name);
/// Why these are no hooks of one change; empty: they are. At most one for each step, in the order of the steps.
std::string why_no_hooks(std::span<const OwnerHook> hooks);

/// How long the hooks before a change may take.
std::chrono::seconds time_before_change(std::span<const OwnerHook> hooks);

}  // namespace thimble::model
