#include "thimble/apply/prechecks.hpp"

#include <algorithm>
#include <utility>

namespace thimble::apply {
namespace {

using Refusals = std::vector<PrecheckRefusal>;

constexpr double kMostLoadPerCpu = 8.0;

void check_identity(const model::Plan& plan, const PrecheckFacts& facts, Refusals& refusals) {
    if (!plan.machine_id.empty() && plan.machine_id != facts.machine_id) {
        refusals.push_back(
            {"apply.other_host",
             "the plan was made for another host (machine id " + plan.machine_id + ")",
             "Make a plan on this host: thimble patch plan"});
    }
}

void check_packages(const PrecheckFacts& facts, Refusals& refusals) {
    if (!facts.health) {
        refusals.push_back(
            {"apply.health_unknown", "the state of the package database cannot be read", ""});
        return;
    }
    if (facts.health->interrupted || !facts.health->unfinished.empty()) {
        const std::string what = facts.health->unfinished.empty()
            ? std::string("its journal is not empty")
            : facts.health->unfinished.front().name + " is not fully installed";
        refusals.push_back(
            {"apply.interrupted",
             "the package manager was interrupted: " + what,
             "Run `dpkg --configure -a`, or the package manager's own repair"});
    }
    if (!facts.health->broken.empty()) {
        refusals.push_back(
            {"apply.broken_dependencies",
             "dependencies are broken: " + facts.health->broken.front(),
             "Run `apt-get install --fix-broken`, or the package manager's own repair"});
    }
}

void check_lock(const PrecheckFacts& facts, Refusals& refusals) {
    if (!facts.lock_known) {
        refusals.push_back(
            {"apply.lock_unknown", "whether the package manager is in use cannot be told", ""});
    } else if (facts.lock_holder) {
        refusals.push_back(
            {"apply.locked",
             "process " + std::to_string(facts.lock_holder->pid) + " (" + facts.lock_holder->command
                 + ") holds " + facts.lock_holder->lock,
             "Wait until it has ended, then apply again"});
    }
}

void check_state(const model::Plan& plan, const PrecheckFacts& facts, Refusals& refusals) {
    if (!facts.host_state) {
        refusals.push_back({"apply.state_unknown", "the installed packages cannot be read", ""});
    } else if (*facts.host_state != plan.host_state) {
        refusals.push_back(
            {"apply.stale_plan",
             "the host's packages have changed since the plan was made",
             "Make the plan again: thimble patch plan"});
    }
}

void check_space(const model::Plan& plan, const PrecheckFacts& facts, Refusals& refusals) {
    const std::uint64_t growth =
        static_cast<std::uint64_t>(std::max<std::int64_t>(plan.growth_bytes, 0));
    const std::uint64_t needed = growth + plan.download_bytes + plan.policy.reserve_bytes;
    for (const FreeSpace& space : facts.space) {
        if (space.read_only) {
            refusals.push_back(
                {"apply.read_only",
                 space.folder + " is mounted read-only",
                 "Mount it writable, or check the disk: it may have failed"});
        } else if (space.folder == "/usr" && space.free_bytes < needed) {
            refusals.push_back(
                {"apply.no_space",
                 space.folder + " has " + std::to_string(space.free_bytes >> 20U)
                     + " MiB free, the plan needs " + std::to_string(needed >> 20U)
                     + " MiB with its reserve",
                 "Free some space, or lower the plan's reserve (--reserve)"});
        }
    }
}

void check_strain(const PrecheckFacts& facts, Refusals& refusals) {
    if (facts.load_per_cpu && *facts.load_per_cpu > kMostLoadPerCpu) {
        refusals.push_back(
            {"apply.load", "the host is overloaded", "Apply when the load is lower"});
    }
    if (facts.on_battery.value_or(false)) {
        refusals.push_back({"apply.on_battery", "the host runs on battery", "Connect it to power"});
    }
}

}  // namespace

std::vector<PrecheckRefusal> precheck(const model::Plan& plan, const PrecheckFacts& facts) {
    Refusals refusals;
    check_identity(plan, facts, refusals);
    check_lock(facts, refusals);
    check_packages(facts, refusals);
    check_state(plan, facts, refusals);
    check_space(plan, facts, refusals);
    check_strain(facts, refusals);
    return refusals;
}

}  // namespace thimble::apply
