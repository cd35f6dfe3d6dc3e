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

std::vector<verify::HealthCheck> PatchHealth::look(
    const verify::HealthSnapshot& before, std::optional<verify::HealthSnapshot>& last) {
    verify::HealthSnapshot now = verify::read_health(host_, policy_.probes);
    auto checks = verify::compare_health(before, now);
    if (last && before.units_known) {
        checks.push_back(verify::check_restarts(before, *last, now));
    }
    last = std::move(now);
    return checks;
}

Result<apply::HealthVerdict> PatchHealth::examine(const std::string& baseline) {
    THIMBLE_TRY(const verify::HealthSnapshot before, verify::parse_health(baseline));
    const std::uint32_t tries = std::max<std::uint32_t>(policy_.settle_tries, 1);
    const auto pause =
        std::chrono::duration_cast<std::chrono::milliseconds>(policy_.settle) / tries;
    if (before.units_known) {
        wait_(std::min<std::chrono::milliseconds>(verify::kFirstSteps, policy_.settle));
    }
    std::vector<verify::HealthCheck> checks;
    std::optional<verify::HealthSnapshot> last;
    // Without a service manager nothing was started that could end in a moment.
    const std::uint32_t wanted = before.units_known ? 2 : 1;
    std::uint32_t well = 0;
    for (std::uint32_t attempt = 1;; ++attempt) {
        checks = look(before, last);
        well = verify::is_healthy(checks) ? well + 1 : 0;
        if (well == wanted || (well == 0 && attempt >= tries)) {
            break;
        }
        wait_(pause);
    }
    apply::HealthVerdict verdict{
        .healthy = verify::is_healthy(checks),
        .summary = {},
        .document = verify::format_checks(checks),
        .looked = verify::has_looked(checks)};
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
