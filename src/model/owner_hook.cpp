#include "thimble/model/owner_hook.hpp"

#include <algorithm>
#include <array>

namespace thimble::model {
namespace {

constexpr std::size_t kMostNameBytes = 64;
constexpr std::array<std::string_view, 4> kSteps{"drain", "pre", "post", "undrain"};
constexpr std::array<std::string_view, 4> kFailures{
    "skip-host", "fail-host", "halt-ring", "ignore"};

template <class Value>
std::optional<Value> named(const std::array<std::string_view, 4>& names, std::string_view name) {
    const auto* const at = std::ranges::find(names, name);
    return at == names.end() ? std::nullopt : std::optional(static_cast<Value>(at - names.begin()));
}

std::string why_no_hook(const OwnerHook& hook) {
    const std::string which = "the hook of " + std::string(hook_step_name(hook.step));
    if (!is_hook_name(hook.name)) {
        return which + " needs a name of at most 64 of a-z, 0-9 and -";
    }
    if (hook.limit < std::chrono::seconds(1) || hook.limit > kLongestHook) {
        return which + " may take from 1 second to 30 minutes";
    }
    const HookFailure other =
        is_before_change(hook.step) ? HookFailure::FailHost : HookFailure::SkipHost;
    if (hook.on_failure == other) {
        return which
            + (is_before_change(hook.step)
                   ? " comes before the change: skip-host, halt-ring or ignore follow its failure"
                   : " comes after the change: fail-host, halt-ring or ignore follow its failure");
    }
    return "";
}

}  // namespace

std::string_view hook_step_name(HookStep step) {
    return kSteps.at(static_cast<std::size_t>(step));
}
std::optional<HookStep> hook_step_named(std::string_view name) {
    return named<HookStep>(kSteps, name);
}
std::string_view hook_failure_name(HookFailure failure) {
    return kFailures.at(static_cast<std::size_t>(failure));
}
std::optional<HookFailure> hook_failure_named(std::string_view name) {
    return named<HookFailure>(kFailures, name);
}

bool is_before_change(HookStep step) {
    return step == HookStep::Drain || step == HookStep::Pre;
}

HookFailure default_failure(HookStep step) {
    return is_before_change(step) ? HookFailure::SkipHost : HookFailure::FailHost;
}

bool is_hook_name(std::string_view name) {
    return !name.empty() && name.size() <= kMostNameBytes && name.front() != '-'
        && std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

std::string why_no_hooks(std::span<const OwnerHook> hooks) {
    for (const OwnerHook& hook : hooks) {
        if (std::string why = why_no_hook(hook); !why.empty()) {
            return why;
        }
    }
    const bool is_ordered =
        std::ranges::adjacent_find(hooks, std::ranges::greater_equal(), &OwnerHook::step)
        == hooks.end();
    return is_ordered ? "" : "one hook for each step is wanted, in the order of the steps";
}

std::chrono::seconds time_before_change(std::span<const OwnerHook> hooks) {
    std::chrono::seconds time{0};
    for (const OwnerHook& hook : hooks) {
        time += is_before_change(hook.step) ? hook.limit : std::chrono::seconds(0);
    }
    return time;
}

}  // namespace thimble::model
