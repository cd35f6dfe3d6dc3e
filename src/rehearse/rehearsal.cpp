#include "thimble/rehearse/rehearsal.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

// A clock that was set right meanwhile makes no rehearsal stale.
constexpr std::chrono::hours kMostClockDifference{1};

/// All that a rehearsal can depend on; the time of a file is not.
bool is_same(const apply::KeptFile& before, apply::KeptFile now) {
    now.modified_seconds = before.modified_seconds;
    return before == now;
}

/// Paths that are not in both as they are in the other; by path.
std::vector<std::string> changed_paths(
    const std::vector<apply::KeptFile>& before, const std::vector<apply::KeptFile>& now) {
    std::vector<std::string> changed;
    for (const apply::KeptFile& file : before) {
        const auto found = std::ranges::find(now, file.path, &apply::KeptFile::path);
        if (found == now.end() || !is_same(file, *found)) {
            changed.push_back(file.path);
        }
    }
    std::ranges::sort(changed);
    return changed;
}

/// The first of them, and how many more there are.
std::string listed(const std::vector<std::string>& paths) {
    constexpr std::size_t kMost = 10;
    std::string text;
    for (std::size_t at = 0; at < std::min(paths.size(), kMost); ++at) {
        text += (at == 0 ? "" : ", ") + paths[at];
    }
    return paths.size() > kMost ? text + " and " + std::to_string(paths.size() - kMost) + " more"
                                : text;
}

}  // namespace

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

std::optional<StaleRehearsal> why_stale(const Rehearsal& rehearsal, const RehearsedHost& host) {
    if (rehearsal.plan_digest != host.plan_digest) {
        return StaleRehearsal{Staleness::OtherPlan, "it is of another plan"};
    }
    if (rehearsal.host_state != host.state) {
        return StaleRehearsal{
            Staleness::HostChanged,
            "packages of the host have changed since"
                + (host.changes.empty() ? std::string() : ": " + host.changes)};
    }
    if (!rehearsal.configuration) {
        return StaleRehearsal{
            Staleness::ConfigurationChanged,
            "an earlier version of Thimble made it, which did not look at configuration files"};
    }
    if (const auto changed = changed_paths(*rehearsal.configuration, host.configuration);
        !changed.empty()) {
        return StaleRehearsal{
            Staleness::ConfigurationChanged,
            "configuration files of its packages have changed since: " + listed(changed)};
    }
    const auto age = host.now - rehearsal.rehearsed_at;
    if (host.max_age.count() > 0 && age > host.max_age) {
        return StaleRehearsal{
            Staleness::TooOld,
            "it is " + format_age(age) + " old, more than " + format_age(host.max_age)};
    }
    if (age < -kMostClockDifference) {
        return StaleRehearsal{
            Staleness::TooOld,
            "it is of " + format_instant(rehearsal.rehearsed_at) + ", which is to come"};
    }
    return std::nullopt;
}

}  // namespace thimble::rehearse
