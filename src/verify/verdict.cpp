#include "thimble/verify/verdict.hpp"

#include "thimble/model/version_order.hpp"

#include <algorithm>
#include <compare>
#include <optional>
#include <span>

namespace thimble::verify {
namespace {

using model::PatchState;

/// The plan's steps that carry one patch out.
std::vector<const model::PlannedStep*> steps_of(
    const model::Plan& plan, const model::PlannedPatch& patch) {
    std::vector<const model::PlannedStep*> steps;
    for (const model::PlannedStep& step : plan.steps) {
        const bool is_kernel = patch.source == "linux" && step.source_name.starts_with("linux");
        if (step.change != model::PlannedChange::Remove
            && (step.source_name == patch.source || is_kernel)) {
            steps.push_back(&step);
        }
    }
    return steps;
}

const model::VersionOrder& order_of(const std::string& manager) {
    const char* name = "rpm";
    if (manager == "apt") {
        name = "dpkg";
    } else if (manager == "apk") {
        name = "apk";
    }
    const model::VersionOrder* order = model::version_order_named(name);
    THIMBLE_CHECK(order != nullptr);
    return *order;
}

const model::InstalledPackage* installed(
    const model::Inventory& inventory, const model::PlannedStep& step) {
    const auto found = std::ranges::find_if(inventory.packages, [&](const auto& package) {
        return package.name == step.name && package.architecture == step.architecture;
    });
    return found == inventory.packages.end() ? nullptr : &*found;
}

/// A path and its other name on a merged /usr.
std::string without_usr(std::string_view path) {
    return std::string(path.starts_with("/usr/") ? path.substr(4) : path);
}

bool owns(const PackageFiles& files, const std::string& path) {
    const std::string other = without_usr(path);
    return files.paths.contains(path) || files.paths.contains(other)
        || files.paths.contains("/usr" + other);
}

/// Gathers the verdict about one patch; the worst thing found decides.
class Judge {
public:
    Judge(const model::Plan& plan, const VerifyFacts& facts, const model::PlannedPatch& patch)
        : plan_(plan), facts_(facts), steps_(steps_of(plan, patch)) {
        verdict_.source = patch.source;
        verdict_.from_version = patch.from_version;
        verdict_.to_version = patch.to_version;
        verdict_.vulnerabilities = patch.vulnerabilities;
    }

    PatchVerdict judge() {
        if (steps_.empty()) {
            verdict_.evidence.emplace_back("no step of the plan belongs to this patch");
            return verdict_;
        }
        PatchState state = look_at_versions();
        if (state == PatchState::Missing) {
            state = look_for_a_way_back();
        }
        verdict_.state = state != PatchState::Verified ? state : look_further();
        return verdict_;
    }

private:
    void say(std::string sentence) { verdict_.evidence.push_back(std::move(sentence)); }

    PatchState look_at_versions() {
        const model::VersionOrder& order = order_of(plan_.manager);
        for (const model::PlannedStep* step : steps_) {
            const model::InstalledPackage* package = installed(facts_.inventory, *step);
            if (package == nullptr) {
                say(step->name + " is not installed");
                return PatchState::Missing;
            }
            if (!order.check(package->version)) {
                say(step->name + " has a version that cannot be ordered: " + package->version);
                return PatchState::Unknown;
            }
            if (order.compare(package->version, step->to_version) < 0) {
                say(step->name + " " + package->version + " < " + step->to_version);
                return PatchState::Missing;
            }
            if (package->state != model::PackageState::Installed
                && package->state != model::PackageState::TriggersPending) {
                say(step->name + " is not fully installed");
                return PatchState::Failed;
            }
            say(step->name + " " + package->version + " is installed");
        }
        return PatchState::Verified;
    }

    /// Why what is not there is not there.
    PatchState look_for_a_way_back() {
        for (const WayBack& way : facts_.ways_back) {
            if (way.source != verdict_.source || way.to_version != verdict_.to_version) {
                continue;
            }
            say("run " + way.run
                + (way.arrived ? " took it back at " : " failed to take it back at ")
                + format_instant(way.at) + ": " + way.why);
            return way.arrived ? PatchState::RolledBack : PatchState::Missing;
        }
        return PatchState::Missing;
    }

    PatchState look_further() {
        if (const auto state = look_at_files()) {
            return *state;
        }
        if (!is_healthy(facts_.health)) {
            for (const HealthCheck& check : facts_.health) {
                if (check.verdict == CheckVerdict::Fail) {
                    say(check.name + ": " + check.summary);
                }
            }
            return PatchState::FailedHealth;
        }
        if (const auto state = look_at_kernel()) {
            return *state;
        }
        return look_at_processes();
    }

    std::optional<PatchState> look_at_files() {
        std::size_t checked = 0;
        std::optional<PatchState> state;
        for (const PackageFiles& files : facts_.files) {
            if (!is_ours(files)) {
                continue;
            }
            checked += files.checked;
            for (const FileDifference& difference : files.differences) {
                say(difference.path + " of " + difference.package + ": " + difference.what);
                state = PatchState::Failed;
            }
            if (!files.digests_known) {
                say(files.package + " has no digests of its files");
            }
        }
        if (!state) {
            say(std::to_string(checked) + " files are those of their packages");
        }
        return state;
    }

    std::optional<PatchState> look_at_kernel() {
        const bool has_image = std::ranges::any_of(steps_, [](const model::PlannedStep* step) {
            return step->name.starts_with("linux-image-") || step->name == "kernel-core"
                || step->name == "kernel" || step->name == "kernel-default";
        });
        const model::KernelState& kernel = facts_.inventory.kernel;
        if (!has_image || kernel.container || !facts_.runs) {
            return std::nullopt;
        }
        if (kernel.running_release.empty()) {
            say("the running kernel is not known");
            return PatchState::Unknown;
        }
        if (!kernel.newest_release.empty() && kernel.running_release != kernel.newest_release) {
            say("kernel " + kernel.running_release + " runs, " + kernel.newest_release
                + " is installed");
            return PatchState::InstalledPendingReboot;
        }
        say("kernel " + kernel.running_release + " runs and is the newest installed");
        return std::nullopt;
    }

    PatchState look_at_processes() {
        if (!facts_.runs) {
            say("no process of this machine runs from the directory");
            return PatchState::Verified;
        }
        if (!facts_.inventory.processes_known) {
            say("processes cannot be seen: run as root");
            return PatchState::Unknown;
        }
        bool reboot = false;
        for (const model::StaleProcess& process : facts_.inventory.stale_processes) {
            for (const std::string& file : process.files) {
                if (maps_ours(file)) {
                    say(process.command + " (" + std::to_string(process.pid) + ") "
                        + (process.heuristic ? "probably still uses " : "still maps ") + file);
                    UnitRestart restart = restart_of(process, facts_.own_unit);
                    reboot = reboot || restart.safety == RestartSafety::Reboot;
                    add(std::move(restart));
                    break;
                }
            }
        }
        if (verdict_.restarts.empty()) {
            say("no process maps a file that was replaced");
            return PatchState::Verified;
        }
        return reboot ? PatchState::InstalledPendingReboot : PatchState::InstalledPendingRestart;
    }

    [[nodiscard]] bool is_ours(const PackageFiles& files) const {
        return std::ranges::any_of(
            steps_, [&](const model::PlannedStep* step) { return step->name == files.package; });
    }

    [[nodiscard]] bool maps_ours(const std::string& path) const {
        return std::ranges::any_of(facts_.files, [&](const PackageFiles& files) {
            return is_ours(files) && owns(files, path);
        });
    }

    void add(UnitRestart restart) {
        auto& all = verdict_.restarts;
        const auto at = std::ranges::lower_bound(all, restart.unit, {}, &UnitRestart::unit);
        if (at == all.end() || at->unit != restart.unit) {
            all.insert(at, std::move(restart));
        }
    }

    const model::Plan& plan_;
    const VerifyFacts& facts_;
    std::vector<const model::PlannedStep*> steps_;
    PatchVerdict verdict_;
};

}  // namespace

std::vector<PatchVerdict> judge_patches(const model::Plan& plan, const VerifyFacts& facts) {
    std::vector<PatchVerdict> verdicts;
    verdicts.reserve(plan.patches.size());
    for (const model::PlannedPatch& patch : plan.patches) {
        verdicts.push_back(Judge(plan, facts, patch).judge());
    }
    return verdicts;
}

}  // namespace thimble::verify
