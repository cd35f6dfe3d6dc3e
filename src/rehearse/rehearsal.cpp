#include "thimble/rehearse/rehearsal.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {

std::string_view check_verdict_name(CheckVerdict verdict) {
    switch (verdict) {
        case CheckVerdict::Pass: return "pass";
        case CheckVerdict::Warn: return "warn";
        case CheckVerdict::Fail: return "fail";
    }
    return "fail";
}

Check named_check(std::string name) {
    Check check;
    check.name = std::move(name);
    return check;
}

void add_evidence(Check& check, const std::vector<std::string>& lines) {
    const std::size_t room = kMaxEvidence - std::min(kMaxEvidence, check.evidence.size());
    if (lines.size() <= room) {
        check.evidence.insert(check.evidence.end(), lines.begin(), lines.end());
        return;
    }
    const std::size_t shown = room == 0 ? 0 : room - 1;
    check.evidence.insert(
        check.evidence.end(), lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(shown));
    if (room > 0) {
        check.evidence.push_back("and " + std::to_string(lines.size() - shown) + " more");
    }
}

CheckVerdict worst_of(const std::vector<Check>& checks) {
    CheckVerdict worst = CheckVerdict::Pass;
    for (const Check& check : checks) {
        worst = std::max(worst, check.verdict);
    }
    return worst;
}

std::string_view staleness_name(Staleness staleness) {
    return staleness == Staleness::OtherPlan ? "other_plan" : "host_changed";
}

std::optional<Staleness> why_stale(
    const Rehearsal& rehearsal, std::string_view plan_digest, std::string_view host_state) {
    if (rehearsal.plan_digest != plan_digest) {
        return Staleness::OtherPlan;
    }
    if (rehearsal.host_state != host_state) {
        return Staleness::HostChanged;
    }
    return std::nullopt;
}

}  // namespace thimble::rehearse
