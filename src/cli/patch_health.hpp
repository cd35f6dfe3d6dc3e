#pragma once
/// @file The health of the host as a run sees it: verify's snapshots behind apply's port.

#include "thimble/apply/plan_run.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/verify/health.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace thimble::cli {

class PatchHealth final : public apply::HealthExaminer {
public:
    /// @param wait  lets services settle between two looks
    PatchHealth(
        host::Host& host,
        const model::PlanPolicy& policy,
        std::function<void(std::chrono::milliseconds)> wait)
        : host_(host), policy_(policy), wait_(std::move(wait)) {}

    Result<std::string> observe() override;
    /// Looks when services have had time for their first steps, and again, up to policy.settle_tries times
    /// within policy.settle, while something fails. Where there are services that may end a while after their start, they
    /// must be well in two looks, one such pause apart, and not have been started anew between these.
    Result<apply::HealthVerdict> examine(const std::string& baseline) override;

private:
    /// @param last  the look before this one, which takes its place
    std::vector<verify::HealthCheck> look(
        const verify::HealthSnapshot& before, std::optional<verify::HealthSnapshot>& last);

    host::Host& host_;
    const model::PlanPolicy& policy_;
    std::function<void(std::chrono::milliseconds)> wait_;
};

/// Waits in this thread.
void wait_here(std::chrono::milliseconds time);

}  // namespace thimble::cli
