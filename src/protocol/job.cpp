#include "thimble/protocol/job.hpp"

#include <algorithm>
#include <array>

namespace thimble::protocol {
namespace {

constexpr std::array kKinds{
    JobKind::Inventory,
    JobKind::Prefetch,
    JobKind::Rehearse,
    JobKind::Apply,
    JobKind::Verify,
    JobKind::Rollback,
    JobKind::RestartServices,
    JobKind::Reboot,
    JobKind::DeployControl,
    JobKind::VerifyControl,
    JobKind::RemoveControl,
    JobKind::ProbeControl};

}  // namespace

std::string_view job_kind_name(JobKind kind) {
    switch (kind) {
        case JobKind::Inventory: return "inventory";
        case JobKind::Prefetch: return "prefetch";
        case JobKind::Rehearse: return "rehearse";
        case JobKind::Apply: return "apply";
        case JobKind::Verify: return "verify";
        case JobKind::Rollback: return "rollback";
        case JobKind::RestartServices: return "restart-services";
        case JobKind::Reboot: return "reboot";
        case JobKind::DeployControl: return "deploy-control";
        case JobKind::VerifyControl: return "verify-control";
        case JobKind::RemoveControl: return "remove-control";
        case JobKind::ProbeControl: return "probe-control";
    }
    return {};
}

std::optional<JobKind> job_kind_named(std::string_view name) {
    const auto* const found =
        std::ranges::find_if(kKinds, [&](JobKind kind) { return job_kind_name(kind) == name; });
    return found == kKinds.end() ? std::nullopt : std::optional(*found);
}

bool needs_lease(JobKind kind) {
    switch (kind) {
        case JobKind::Apply:
        case JobKind::Rollback:
        case JobKind::RestartServices:
        case JobKind::Reboot:
        case JobKind::DeployControl:
        case JobKind::RemoveControl: return true;
        case JobKind::Inventory:
        case JobKind::Prefetch:
        case JobKind::Rehearse:
        case JobKind::Verify:
        case JobKind::VerifyControl:
        case JobKind::ProbeControl: return false;
    }
    return true;
}

bool takes_hook(JobKind kind, model::HookStep step) {
    using model::HookStep;
    switch (kind) {
        case JobKind::Apply: return true;
        case JobKind::Reboot: return step == HookStep::Drain || step == HookStep::Undrain;
        case JobKind::Verify: return step == HookStep::Undrain;
        case JobKind::Inventory:
        case JobKind::Prefetch:
        case JobKind::Rehearse:
        case JobKind::Rollback:
        case JobKind::RestartServices:
        case JobKind::DeployControl:
        case JobKind::VerifyControl:
        case JobKind::RemoveControl:
        case JobKind::ProbeControl: return false;
    }
    return false;
}

bool needs_plan(JobKind kind) {
    switch (kind) {
        case JobKind::Rehearse:
        case JobKind::Apply:
        case JobKind::Verify:
        case JobKind::RestartServices: return true;
        case JobKind::Inventory:
        case JobKind::Prefetch:
        case JobKind::Rollback:
        case JobKind::Reboot:
        case JobKind::DeployControl:
        case JobKind::VerifyControl:
        case JobKind::RemoveControl:
        case JobKind::ProbeControl: return false;
    }
    return true;
}

bool needs_control(JobKind kind) {
    return kind == JobKind::DeployControl || kind == JobKind::VerifyControl
        || kind == JobKind::RemoveControl || kind == JobKind::ProbeControl;
}

bool looks_at_control(JobKind kind) {
    return kind == JobKind::VerifyControl || kind == JobKind::ProbeControl;
}

}  // namespace thimble::protocol
