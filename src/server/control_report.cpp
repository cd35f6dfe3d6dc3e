#include "thimble/server/control_report.hpp"

#include <algorithm>

namespace thimble::server {
namespace {

using model::ControlCheck;
using model::ControlOutcome;
using rollout::ControlEvent;

bool has_failed(const ControlCheck& check) {
    return check.passed == false;
}

bool has_passed(const ControlCheck& check) {
    return check.passed == true;
}

/// Of a virtual patch that alone proves something: its files are there, whether they stop anything or not.
bool is_of_attack(const ControlCheck& check) {
    return check.name.starts_with("attack ");
}

bool proves(const model::ControlReport& report) {
    return std::ranges::any_of(report.checks, [&](const ControlCheck& check) {
        return has_passed(check)
            && (report.kind != model::ControlKind::VirtualPatch || is_of_attack(check));
    });
}

/// The job, its exit status and its report say that, and no check failed.
bool ended_as(const ControlJobEnd& end, ControlOutcome state) {
    return end.is_done && end.exit_status == 0 && end.report && end.report->state == state
        && std::ranges::none_of(end.report->checks, has_failed);
}

bool is_broken(const ControlJobEnd& end) {
    const bool says_so = end.report
        && (end.report->state == ControlOutcome::Broken
            || std::ranges::any_of(end.report->checks, has_failed));
    return says_so || end.exit_status == 1;
}

}  // namespace

std::optional<ControlEvent> event_of(const ControlJobEnd& end) {
    if (end.job_kind == "deploy-control") {
        const bool is_up =
            ended_as(end, ControlOutcome::Deployed) || ended_as(end, ControlOutcome::Holding);
        return is_up ? ControlEvent::WasDeployed : ControlEvent::WasNotDeployed;
    }
    if (end.job_kind == "remove-control") {
        return ended_as(end, ControlOutcome::Removed) ? std::optional(ControlEvent::WasRemoved)
                                                      : std::nullopt;
    }
    if (is_broken(end)) {
        return ControlEvent::DoesNotHold;
    }
    return end.report && proves(*end.report) && ended_as(end, ControlOutcome::Holding)
        ? std::optional(ControlEvent::Holds)
        : std::nullopt;
}

std::string first_doubt(const model::ControlReport& report) {
    auto found = std::ranges::find_if(report.checks, has_failed);
    if (found == report.checks.end()) {
        found = std::ranges::find_if(
            report.checks, [](const ControlCheck& check) { return !check.passed; });
    }
    if (found == report.checks.end()) {
        return {};
    }
    return found->name + ": expected " + found->expected + ", seen " + found->seen;
}

}  // namespace thimble::server
