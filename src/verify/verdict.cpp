#include "thimble/verify/verdict.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/model/loaded_at_boot.hpp"
#include "thimble/model/version_order.hpp"
#include "thimble/verify/kernel_verdict.hpp"
#include "thimble/verify/patch_steps.hpp"

#include <algorithm>
#include <compare>
#include <optional>
#include <set>
#include <span>

namespace thimble::verify {
namespace {

using model::PatchState;

bool is_finished(const model::InstalledPackage& package) {
    return package.state == model::PackageState::Installed
        || package.state == model::PackageState::TriggersPending;
}

/// A path and its other name on a merged /usr.
std::string without_usr(std::string_view path) {
    return std::string(path.starts_with("/usr/") ? path.substr(4) : path);
}

bool owns(const std::set<std::string>& paths, const std::string& path) {
    const std::string other = without_usr(path);
    return paths.contains(path) || paths.contains(other) || paths.contains("/usr" + other);
}

/// What stays of a library's path when its version is in its name: "/lib/libdns-" of
/// "/usr/lib/libdns-9.18.24.so". Empty: there is no version in it.
std::string stem_of(std::string_view path) {
    constexpr std::size_t kShortest = 4;  // "libx"
    const std::size_t name = path.rfind('/') + 1;
    const std::size_t digit = path.find_first_of("0123456789", name);
    return digit == std::string_view::npos || digit < name + kShortest
        ? std::string()
        : without_usr(path.substr(0, digit));
}

/// One of the files has that name but for its version.
bool has_stem(const PackageFiles& files, const std::string& stem) {
    return !stem.empty() && std::ranges::any_of(files.paths, [&](const std::string& path) {
        return stem_of(path) == stem;
    });
}

/// Whether a boot loads what a package brings. A kernel is looked at by its release.
bool is_boot_loaded(const model::PlannedStep& step, const PackageFiles& files) {
    return model::is_loaded_at_boot(step.source_name) || model::is_module_source(step.name)
        || (!model::is_kernel_package(step.name)
            && std::ranges::any_of(files.paths, model::is_boot_file));
}

/// Gathers the verdict about one patch; the worst thing found decides.
class Judge {
public:
    Judge(const model::Plan& plan, const VerifyFacts& facts, const model::PlannedPatch& patch)
        : plan_(plan),
          facts_(facts),
          order_(order_of(plan.manager)),
          steps_(steps_of(plan, patch)),
          kernels_(kernel_steps(plan, steps_, facts.files)),
          left_(left_behind(plan, patch, facts.inventory)),
          removes_(std::ranges::any_of(plan.steps, [&](const model::PlannedStep& step) {
              return step.change == model::PlannedChange::Remove
                  && step.source_name == patch.source;
          })) {
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
        } else if (state == PatchState::Verified) {
            state = look_for_what_was_left();
        }
        verdict_.state = state != PatchState::Verified ? state : look_further();
        return verdict_;
    }

private:
    void say(std::string sentence) { verdict_.evidence.push_back(std::move(sentence)); }

    PatchState look_at_versions() {
        for (const model::PlannedStep* step : steps_) {
            const model::InstalledPackage* package = installed(facts_.inventory, *step, order_);
            if (package == nullptr) {
                say(step->name + " is not installed");
                return PatchState::Missing;
            }
            if (!order_.check(package->version)) {
                say(step->name + " has a version that cannot be ordered: " + package->version);
                return PatchState::Unknown;
            }
            if (order_.compare(package->version, step->to_version) < 0) {
                say(step->name + " " + package->version + " < " + step->to_version);
                return PatchState::Missing;
            }
            if (!is_finished(*package)) {
                say(step->name + " is not fully installed");
                return PatchState::Failed;
            }
            say(step->name + " " + package->version + " is installed");
        }
        return PatchState::Verified;
    }

    /// The same source's code may be there in a package that the plan did not change.
    PatchState look_for_what_was_left() {
        PatchState state = PatchState::Verified;
        for (const model::InstalledPackage* package : left_) {
            const auto files = std::ranges::find_if(facts_.files, [&](const PackageFiles& one) {
                return one.package == package->name && one.architecture == package->architecture;
            });
            const bool is_known = files != facts_.files.end();
            const bool is_beside = is_known && !kernels_.empty() && stands_beside_kernels(*files);
            if (!is_beside && (!is_known || !is_without_code(*files))) {
                say(package->name + " " + package->version
                    + " of the same source is installed, and the plan brings no newer one");
                state = PatchState::Missing;
            }
        }
        return state;
    }

    /// A transaction that stopped halfway may have left the patch's own packages whole.
    std::optional<PatchState> look_at_transaction() {
        if (facts_.inventory.package_manager_interrupted) {
            say("the package manager was interrupted: what it was doing is not finished");
            return PatchState::Failed;
        }
        for (const model::PlannedStep& step : plan_.steps) {
            const model::InstalledPackage* package = installed(facts_.inventory, step, order_);
            if (package != nullptr && !is_finished(*package)) {
                say(step.name + " of the same plan is not fully installed");
                return PatchState::Failed;
            }
        }
        return std::nullopt;
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
        for (const auto look : {&Judge::look_at_transaction, &Judge::look_at_files}) {
            if (const auto state = (this->*look)()) {
                return *state;
            }
        }
        if (!is_healthy(facts_.health)) {
            tell_failures();
            return PatchState::FailedHealth;
        }
        tell_probes();
        look_for_what_is_out_of_sight();
        for (const auto look : {&Judge::look_at_kernel, &Judge::look_at_boot}) {
            if (const auto state = (this->*look)()) {
                return *state;
            }
        }
        PatchState state = look_at_what_runs();
        if (may_have_booted() && is_boot_asked_for()) {
            state = PatchState::InstalledPendingReboot;
        }
        return state == PatchState::Verified && !unseen_.empty() ? PatchState::Unknown : state;
    }

    void tell_failures() {
        for (const HealthCheck& check : facts_.health) {
            if (check.verdict == CheckVerdict::Fail) {
                say(check.name + ": " + check.summary);
            }
        }
    }

    /// What the owner's own questions found is evidence as well; those that failed, or were not asked, are told elsewhere.
    void tell_probes() {
        for (const HealthCheck& check : facts_.health) {
            const bool was_asked =
                check.verdict == CheckVerdict::Pass || check.verdict == CheckVerdict::Warn;
            if (was_asked && is_of_probe(check)) {
                say(check.name + ": " + check.summary);
            }
        }
    }

    /// What the baseline has seen and nobody can see now may have been lost.
    void look_for_what_is_out_of_sight() {
        for (const HealthCheck& check : facts_.health) {
            if (check.verdict == CheckVerdict::Unknown && !check.before.empty()) {
                unseen_.push_back(check.name + ": " + check.summary);
                say(unseen_.back());
            }
        }
    }

    /// Notes what is not known of a package's files.
    void note_unseen(const PackageFiles& files) {
        if (!files.digests_known) {
            unseen_.push_back(files.package + " has no digests of its files");
        }
        if (!files.unreadable.empty()) {
            unseen_.push_back(
                counted(files.unreadable.size(), "file") + " of " + files.package
                + " cannot be read: " + files.unreadable.front());
        }
    }

    std::optional<PatchState> look_at_files() {
        std::size_t checked = 0;
        bool differs = false;
        for (const model::PlannedStep* step : steps_) {
            const auto files = files_of(*step);
            if (files == facts_.files.end() || !files->unread.empty()) {
                unseen_.push_back(
                    "the files of " + step->name + " could not be looked at"
                    + (files == facts_.files.end() ? "" : ": " + files->unread));
                continue;
            }
            checked += files->checked;
            for (const FileDifference& difference : files->differences) {
                say(difference.path + " of " + difference.package + ": " + difference.what);
                differs = true;
            }
            note_unseen(*files);
        }
        for (const std::string& one : unseen_) {
            say(one);
        }
        if (differs) {
            return PatchState::Failed;
        }
        if (checked > 0 || unseen_.empty()) {
            say(counted(
                checked, "file is that of its package", "files are those of their packages"));
        }
        return std::nullopt;
    }

    /// What runs from a directory runs on this machine's kernel.
    [[nodiscard]] bool may_have_booted() const {
        return facts_.runs && !facts_.of_root && !facts_.inventory.kernel.container;
    }

    std::optional<PatchState> look_at_kernel() {
        if (kernels_.empty() || !may_have_booted()) {
            return std::nullopt;
        }
        KernelVerdict kernel = judge_kernel(
            facts_.inventory,
            planned_releases(kernels_, facts_.files),
            order_,
            kernels_,
            facts_.files);
        say(std::move(kernel.evidence));
        return kernel.state == PatchState::Verified ? std::nullopt : std::optional(kernel.state);
    }

    /// Microcode, firmware, modules, the hypervisor: no process maps them, a boot loads them.
    std::optional<PatchState> look_at_boot() {
        // A kernel's release tells of its modules, too.
        if (!kernels_.empty() || facts_.inventory.kernel.container || !facts_.runs) {
            return std::nullopt;
        }
        const PackageFiles unlisted;
        for (const model::PlannedStep* step : steps_) {
            const auto files = files_of(*step);
            const PackageFiles& known = files == facts_.files.end() ? unlisted : *files;
            if (!is_boot_loaded(*step, known) || !may_have_booted()) {
                continue;
            }
            if (const auto state = look_at_boot_of(*step, known.unpacked_at)) {
                return state;
            }
        }
        return std::nullopt;
    }

    std::optional<PatchState> look_at_boot_of(
        const model::PlannedStep& step, std::optional<Instant> there) {
        const model::KernelState& kernel = facts_.inventory.kernel;
        if (!there || !kernel.booted_at) {
            say("whether " + step.name + " was there at the last boot is not known");
            return PatchState::Unknown;
        }
        // Of other packages it is not known whether the initial file system has a copy.
        const bool is_copied = model::is_microcode(step.source_name, step.name);
        if (*there >= *kernel.booted_at) {
            say(step.name + " is loaded at boot, and was unpacked after the last one");
            if (is_copied && facts_.boot.made_at && *facts_.boot.made_at < *there
                && kernel.running_release == kernel.newest_release) {
                say(old_initial_files());
            }
            return PatchState::InstalledPendingReboot;
        }
        say(step.name + " was there at the last boot");
        return is_copied ? look_at_initial_files(*there) : std::nullopt;
    }

    /// A boot takes it out of the initial file system: one that was made before the package came has the old one in it, and one that was
    /// made since the boot does not tell what that boot began with.
    std::optional<PatchState> look_at_initial_files(Instant there) {
        const BootFacts& boot = facts_.boot;
        if (!boot.initial_files_unread.empty()) {
            say("the initial file system cannot be looked at: " + boot.initial_files_unread);
            return PatchState::Unknown;
        }
        if (!boot.made_at) {
            say("/boot has no initial file system of the kernel that runs, which would have a "
                "copy: with what the host has booted is not known");
            return PatchState::Unknown;
        }
        if (*boot.made_at < there) {
            say(old_initial_files());
            return PatchState::Unknown;
        }
        if (*boot.made_at >= facts_.inventory.kernel.booted_at) {
            say(boot.initial_files
                + " was made anew after the last boot: what that began with cannot be seen any "
                  "more, and the next one settles it");
            return PatchState::Unknown;
        }
        say(boot.initial_files + " was made anew before the last boot");
        return std::nullopt;
    }

    [[nodiscard]] std::string old_initial_files() const {
        return facts_.boot.initial_files + " was not made anew since: run "
            + renewal_of_initial_files(
                   facts_.boot.initial_files, facts_.inventory.kernel.running_release)
            + ", and boot";
    }

    /// Packages know best what they replace; their mark goes with a boot.
    bool is_boot_asked_for() {
        if (!facts_.runs) {
            return false;
        }
        if (!facts_.boot.askers_unread.empty()) {
            unseen_.push_back("what asks for a boot cannot be read: " + facts_.boot.askers_unread);
            say(unseen_.back());
        }
        const auto asker = std::ranges::find_if(steps_, [&](const model::PlannedStep* step) {
            return std::ranges::find(facts_.boot.askers, step->name) != facts_.boot.askers.end();
        });
        if (asker == steps_.end()) {
            return false;
        }
        say((*asker)->name + " asks for a boot in /run/reboot-required.pkgs");
        return true;
    }

    /// What boots is a copy of the package's files, which nothing need have renewed.
    void look_at_boot_loader() {
        for (const model::PlannedStep* step : steps_) {
            if (!model::is_boot_loader(step->source_name, step->name)) {
                continue;
            }
            const auto copies =
                std::ranges::find(facts_.boot_loaders, step->name, &BootLoaderCopies::package);
            if (copies == facts_.boot_loaders.end()) {
                continue;
            }
            for (const std::string& place : copies->same) {
                say(place + " is that of " + step->name);
            }
            for (const std::string& place : copies->never_renewed) {
                say(place + " is not of " + step->name
                    + ", and no package renews it: " + renewal_of(place) + " does");
            }
            if (!copies->unknown.empty()) {
                unseen_.push_back("whether " + step->name + " is what boots: " + copies->unknown);
                say(unseen_.back());
            }
            if (!copies->other.empty()) {
                UnitRestart restart = restart_of(*copies);
                say(restart.why);
                add(std::move(restart));
            }
        }
    }

    PatchState look_at_what_runs() {
        if (!facts_.runs) {
            say("no process of this machine runs from the directory");
            return PatchState::Verified;
        }
        return facts_.of_root ? look_at_processes_of_root(*facts_.of_root) : look_at_processes();
    }

    PatchState look_at_processes() {
        if (!facts_.inventory.processes_known) {
            say("not every process can be looked at; thimble scan says why");
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
        look_at_interpreters();
        look_at_boot_loader();
        if (verdict_.restarts.empty()) {
            say("no process maps a file that was replaced");
            return PatchState::Verified;
        }
        return reboot ? PatchState::InstalledPendingReboot : PatchState::InstalledPendingRestart;
    }

    /// A process that maps what was replaced is certain; of others nothing shows what they read before it was.
    PatchState look_at_processes_of_root(const RootProcesses& running) {
        for (const RootProcess& process : running.seen) {
            if (std::ranges::any_of(
                    process.replaced, [&](const std::string& file) { return maps_ours(file); })) {
                add(restart_of(process));
            }
        }
        for (std::string& sentence : words_of(running)) {
            say(std::move(sentence));
        }
        if (!verdict_.restarts.empty()) {
            return PatchState::InstalledPendingRestart;
        }
        say("from without it is not known whether they have read what was there before: restart "
            "them, or verify from within");
        return PatchState::Unknown;
    }

    /// A program that was started before its language's modules were replaced may have read the old ones; nothing shows whether
    /// it has.
    void look_at_interpreters() {
        for (const model::PlannedStep* step : steps_) {
            const auto files = files_of(*step);
            if (files == facts_.files.end()) {
                continue;
            }
            if (!files->unpacked_at && !facts_.interpreters.empty() && brings_modules(*files)) {
                unseen_.push_back("when the modules of " + step->name + " came is not known");
                say(unseen_.back());
            }
            for (const RunningInterpreter* running : readers_before(*files, facts_.interpreters)) {
                say(running->process.command + " (" + std::to_string(running->process.pid)
                    + ") probably still uses modules of " + step->name + ": it runs "
                    + std::string(language_name(running->language))
                    + " and was started before they came");
                add(restart_of(running->process, facts_.own_unit));
            }
        }
    }

    /// Of several architectures each has files of its own.
    [[nodiscard]] std::vector<PackageFiles>::const_iterator files_of(
        const model::PlannedStep& step) const {
        return std::ranges::find_if(facts_.files, [&](const PackageFiles& files) {
            return files.package == step.name && files.architecture == step.architecture;
        });
    }

    [[nodiscard]] bool is_ours(const PackageFiles& files) const {
        return std::ranges::any_of(
            steps_, [&](const model::PlannedStep* step) { return step->name == files.package; });
    }

    /// Whether a package of this patch listed it at the version before.
    [[nodiscard]] bool was_ours(const std::string& path) const {
        return std::ranges::any_of(facts_.old_files, [&](const OldFiles& old) {
            const bool is_of_patch =
                std::ranges::any_of(plan_.steps, [&](const model::PlannedStep& step) {
                    return step.name == old.package && step.architecture == old.architecture
                        && (step.source_name == verdict_.source
                            || std::ranges::find(steps_, &step) != steps_.end());
                });
            return is_of_patch && owns(old.paths, path);
        });
    }

    /// Also a file of the version before that is in no list any more: one that was kept from then, another version of a name of ours, or anything, where
    /// the plan has removed a package of this patch.
    [[nodiscard]] bool maps_ours(const std::string& path) const {
        const bool is_listed = std::ranges::any_of(
            facts_.files, [&](const PackageFiles& files) { return owns(files.paths, path); });
        const std::string stem = stem_of(path);
        return std::ranges::any_of(
                   facts_.files,
                   [&](const PackageFiles& files) {
                       return is_ours(files)
                           && (owns(files.paths, path) || (!is_listed && has_stem(files, stem)));
                   })
            || (removes_ && !is_listed) || was_ours(path);
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
    const model::VersionOrder& order_;
    std::vector<const model::PlannedStep*> steps_;
    std::vector<const model::PlannedStep*> kernels_;    ///< those that bring one
    std::vector<const model::InstalledPackage*> left_;  ///< of the same source, by the plan
    bool removes_;                     ///< the plan removes a package of the patch's source
    std::vector<std::string> unseen_;  ///< what keeps it from being verified
    PatchVerdict verdict_;
};

}  // namespace

std::vector<PackageName> packages_left(const model::Plan& plan, const model::Inventory& inventory) {
    std::vector<PackageName> names;
    for (const model::PlannedPatch& patch : plan.patches) {
        for (const model::InstalledPackage* package : left_behind(plan, patch, inventory)) {
            names.push_back({package->name, package->architecture});
        }
    }
    return names;
}

bool brings_modules(const PackageFiles& files) {
    return !languages_of(files).empty();
}

bool depends_on_time(const model::PlannedStep& step, const PackageFiles& files) {
    return brings_kernel(step, files) || is_boot_loaded(step, files) || brings_modules(files);
}

std::vector<PatchVerdict> judge_patches(const model::Plan& plan, const VerifyFacts& facts) {
    std::vector<PatchVerdict> verdicts;
    verdicts.reserve(plan.patches.size());
    for (const model::PlannedPatch& patch : plan.patches) {
        verdicts.push_back(Judge(plan, facts, patch).judge());
    }
    return verdicts;
}

}  // namespace thimble::verify
