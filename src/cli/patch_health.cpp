#include "thimble/cli/patch_health.hpp"

#include "thimble/verify/health.hpp"
#include "thimble/verify/read_health.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace thimble::cli {

Result<std::string> PatchHealth::observe() {
    const verify::HealthSnapshot before = verify::read_health(host_, policy_.probes);
    // A baseline without services would call every loss of one well.
    if (!before.units_known && host_.local_root() == "/"
        && host_.look("/run/systemd/system", host::Follow::Yes)) {
        return failure(
            ErrorKind::Unavailable,
            "cli.no_baseline",
            "the service manager does not answer, so that a service that is lost could not be "
            "told; see: "
            "systemctl is-system-running");
    }
    return verify::format_health(before);
}

Result<apply::HealthVerdict> PatchHealth::examine(const std::string& baseline) {
    THIMBLE_TRY(const verify::HealthSnapshot before, verify::parse_health(baseline));
    const std::uint32_t tries = std::max<std::uint32_t>(policy_.settle_tries, 1);
    std::vector<verify::HealthCheck> checks;
    if (before.units_known) {
        wait_(std::min<std::chrono::milliseconds>(verify::kFirstSteps, policy_.settle));
    }
    for (std::uint32_t attempt = 1;; ++attempt) {
        checks = verify::compare_health(before, verify::read_health(host_, policy_.probes));
        if (verify::is_healthy(checks) || attempt >= tries) {
            break;
        }
        wait_(std::chrono::duration_cast<std::chrono::milliseconds>(policy_.settle) / tries);
    }
    apply::HealthVerdict verdict{
        .healthy = verify::is_healthy(checks),
        .summary = {},
        .document = verify::format_checks(checks)};
    for (const verify::HealthCheck& check : checks) {
        if (check.verdict == verify::CheckVerdict::Fail) {
            verdict.summary +=
                (verdict.summary.empty() ? "" : "; ") + check.name + ": " + check.summary;
        }
    }
    return verdict;
}

void wait_here(std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
}

}  // namespace thimble::cli
