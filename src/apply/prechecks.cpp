#include "thimble/apply/prechecks.hpp"

#include "thimble/apply/host_changes.hpp"
#include "thimble/apply/way_back.hpp"
#include "thimble/model/loaded_at_boot.hpp"
#include "thimble/model/plan_command.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

namespace thimble::apply {
namespace {

using Refusals = std::vector<PrecheckRefusal>;

constexpr double kMostLoadPerCpu = 8.0;
/// A kernel with its initial file system, which is written beside the old one.
constexpr std::uint64_t kKernelBytes = std::uint64_t{160} << 20;
/// dpkg's database, what scripts make (byte code of Python, caches of the linker and of libraries), the journal.
constexpr std::uint64_t kBesidePackages = std::uint64_t{32} << 20;

std::string named(const std::string& name, const std::string& machine_id) {
    return (name.empty() ? std::string("a host without a name") : name)
        + (machine_id.empty() ? " (without a machine id)" : " (machine id " + machine_id + ")");
}

/// Of a root that is not where the plan's was.
std::string other_place_words(const model::Plan& plan, const HostSigns& here) {
    if (!plan.root) {
        return "the plan does not say of which root it is, which has no machine id: an earlier "
               "version of Thimble made it";
    }
    const model::RootPlace& then = *plan.root;
    if (then.path != here.place.path) {
        return "the plan is of another root: it was made for " + then.path + ", and this is "
            + here.place.path;
    }
    if (then.machine_id != here.place.machine_id) {
        return "the plan is of another machine: it was made for "
            + named(then.path, then.machine_id) + ", and this is "
            + named(here.place.path, here.place.machine_id);
    }
    return "the plan is of another root: it was made for what was " + then.path
        + " before, and another directory is there now";
}

void check_packages(const PrecheckFacts& facts, Direction direction, Refusals& refusals) {
    if (!facts.health) {
        refusals.push_back(
            {"apply.health_unknown", "the state of the package database cannot be read", ""});
        return;
    }
    if (direction == Direction::Back) {
        return;
    }
    if (auto unfinished = unfinished_refusal(*facts.health)) {
        refusals.push_back(*std::move(unfinished));
    }
    if (!facts.health->broken.empty()) {
        refusals.push_back(
            {"apply.broken_dependencies",
             "dependencies are broken: " + facts.health->broken.front(),
             "Run `apt-get install --fix-broken`, or the package manager's own repair"});
    }
}

/// Packages of the plan that the owner holds. A plan leaves them out; what is held afterwards keeps from its way back, too.
void check_holds(const model::Plan& plan, const PrecheckFacts& facts, Refusals& refusals) {
    if (!facts.health) {
        return;
    }
    std::string names;
    for (const PackageVersion& held : facts.health->held) {
        const bool is_of_plan =
            std::ranges::any_of(plan.steps, [&](const model::PlannedStep& step) {
                return step.name == held.name
                    && model::is_architecture_of_step(step, held.architecture);
            });
        if (is_of_plan) {
            names.append(names.empty() ? "" : " ").append(held.name);
        }
    }
    if (!names.empty()) {
        refusals.push_back(
            {"apply.held",
             "the owner of the host holds what would change: " + names,
             "If it may change: apt-mark unhold " + names});
    }
}

PrecheckRefusal locked_refusal(const LockHolder& holder) {
    return {
        "apply.locked",
        "process " + std::to_string(holder.pid) + " (" + holder.command + ") holds " + holder.lock,
        "Wait until it has ended, then try again"};
}

void check_lock(const PrecheckFacts& facts, Refusals& refusals) {
    if (!facts.lock_known) {
        refusals.push_back(
            {"apply.lock_unknown", "whether the package manager is in use cannot be told", ""});
    } else if (facts.lock_holder) {
        refusals.push_back(locked_refusal(*facts.lock_holder));
    }
}

void check_state(const model::Plan& plan, const PrecheckFacts& facts, Refusals& refusals) {
    if (!facts.host_state) {
        refusals.push_back({"apply.state_unknown", "the installed packages cannot be read", ""});
    } else if (*facts.host_state != plan.host_state) {
        const std::string changes = changes_since(plan, facts.installed, facts.health);
        refusals.push_back(
            {"apply.stale_plan",
             changes.empty()
                 ? "the host's packages, their marks or preferences have changed since "
                   "the plan was made"
                 : "the host's packages have changed since the plan was made: " + changes,
             "Make the plan again: " + model::plan_command(model::request_of(plan))});
    }
}

bool remakes_initial_files(const model::PlannedStep& step) {
    return model::remakes_initial_files(step.name);
}

/// Whether a kernel is written. The way back of one that was installed beside others removes it.
bool brings_kernel(const model::Plan& plan, Direction direction) {
    return std::ranges::any_of(plan.steps, [&](const model::PlannedStep& step) {
        const std::string& brought =
            direction == Direction::Forward ? step.to_version : step.from_version;
        return !brought.empty() && model::is_kernel_package(step.name);
    });
}

/// A kernel with its initial file system, or one that is made anew beside the old one, whichever way the packages go.
std::uint64_t needed_in_boot(
    const model::Plan& plan, std::span<const FreeSpace> all, Direction direction) {
    if (plan.steps.empty()) {
        return 0;
    }
    const auto boot = std::ranges::find(all, "/boot", &FreeSpace::folder);
    const std::uint64_t initial = boot == all.end() ? 0 : boot->initial_bytes;
    if (brings_kernel(plan, direction)) {
        return std::max(kKernelBytes, initial);
    }
    const bool remakes = std::ranges::any_of(plan.steps, remakes_initial_files);
    return remakes || (boot != all.end() && boot->initial_remade) ? initial : 0;
}

/// The new files of a package stand beside its old ones until all of them are unpacked. Those of a package that is new are growth.
std::uint64_t most_at_once(const model::Plan& plan, Direction direction) {
    std::uint64_t most = 0;
    for (const model::PlannedStep& step : plan.steps) {
        if (!step.from_version.empty() && !step.to_version.empty()) {
            most = std::max(
                most,
                direction == Direction::Forward ? step.unpacked_bytes : unpacked_before(step));
        }
    }
    return most;
}

/// The plan of a run that takes another back tells its own growth, and has the steps of that other.
std::int64_t growth_of_steps(const model::Plan& plan) {
    std::int64_t growth = 0;
    for (const model::PlannedStep& step : plan.steps) {
        growth += step.growth_bytes;
    }
    return growth;
}

/// The sizes that packages tell are in KiB, and of no folder: disks count whole blocks.
std::uint64_t in_blocks(std::uint64_t bytes) {
    return bytes + bytes / 8;
}

/// What is to be left free there; the record of the run may be on the disk of either.
std::uint64_t reserve_in(const std::string& folder, const model::Plan& plan) {
    return folder == "/usr" ? room_left_free(plan)
                            : std::max(plan.policy.reserve_bytes, room_for_record(plan));
}

/// What a plan writes to the file system of a folder. The archives, new and old, are kept below /var. A way back is for a host that
/// is not well, has its archives, and may use the reserve.
std::uint64_t needed_in(
    const std::string& folder,
    const model::Plan& plan,
    std::span<const FreeSpace> all,
    Direction direction) {
    const auto of = [&](const char* name) {
        const auto found = std::ranges::find(all, name, &FreeSpace::folder);
        return found == all.end() ? std::uint64_t{0} : found->file_system;
    };
    const bool is_back = direction == Direction::Back;
    const auto growth = static_cast<std::uint64_t>(
        std::max<std::int64_t>(is_back ? -growth_of_steps(plan) : plan.growth_bytes, 0));
    const std::uint64_t beside = is_back ? 0 : plan.download_bytes + reserve_in(folder, plan);
    if (folder == "/usr") {
        const std::uint64_t most = most_at_once(plan, direction);
        return growth + (is_back ? in_blocks(most) : most) + beside;
    }
    if (folder == "/var" && of("/var") != of("/usr")) {
        return beside;
    }
    const bool is_own_boot = folder == "/boot" && of("/boot") != of("/usr");
    return is_own_boot ? needed_in_boot(plan, all, direction) : 0;
}

}  // namespace

bool writes_initial_files(std::span<const model::PlannedStep> steps) {
    return std::ranges::any_of(steps, [](const model::PlannedStep& step) {
        return model::is_kernel_package(step.name) || remakes_initial_files(step);
    });
}

std::uint64_t room_to_go_back(const model::Plan& plan) {
    std::uint64_t returning = 0;
    for (const model::PlannedStep& step : plan.steps) {
        returning += static_cast<std::uint64_t>(std::max<std::int64_t>(-step.growth_bytes, 0));
    }
    return returning + in_blocks(most_at_once(plan, Direction::Back));
}

std::uint64_t room_for_way_back(const model::Plan& plan) {
    return plan.policy.reserve_bytes == 0 ? 0 : room_to_go_back(plan) + kBesidePackages;
}

std::uint64_t room_for_record(const model::Plan& plan) {
    return plan.policy.reserve_bytes == 0 ? 0 : kBesidePackages;
}

std::uint64_t room_left_free(const model::Plan& plan) {
    return std::max(plan.policy.reserve_bytes, room_for_way_back(plan) + room_for_record(plan));
}

std::string full_disk_words(
    const model::Plan& plan, std::span<const FreeSpace> space, Direction direction) {
    // Packages are unpacked below /usr: where it is no file system of its own, it names that which it lies on.
    const FreeSpace* fullest = nullptr;
    for (const char* folder : {"/usr", "/var", "/boot", "/"}) {
        const auto one = std::ranges::find(space, folder, &FreeSpace::folder);
        if (one == space.end()) {
            continue;
        }
        const bool is_same = fullest != nullptr && fullest->file_system == one->file_system;
        if (fullest == nullptr || (!is_same && one->free_bytes < fullest->free_bytes)) {
            fullest = &*one;
        }
    }
    if (fullest == nullptr) {
        return "the disk is full";
    }
    const std::uint64_t needed =
        direction == Direction::Back ? needed_in(fullest->folder, plan, space, direction) : 0;
    return std::string(kFullDisk) + fullest->folder + " is full ("
        + std::to_string(fullest->free_bytes >> 20U) + " MiB free"
        + (needed > fullest->free_bytes
               ? ", " + std::to_string((needed >> 20U) + 1) + " MiB are needed)"
               : std::string(")"));
}

bool is_disk_full(const model::Plan& plan, std::span<const FreeSpace> space, Direction direction) {
    // Scripts write a little everywhere.
    constexpr std::uint64_t kNextToNothing = std::uint64_t{16} << 20U;
    return std::ranges::any_of(space, [&](const FreeSpace& one) {
        const std::uint64_t needed = needed_in(one.folder, plan, space, direction);
        const bool is_unused_boot = one.folder == "/boot" && needed == 0;
        return !is_unused_boot && one.free_bytes < std::max(needed, kNextToNothing);
    });
}

namespace {

PrecheckRefusal want_of_room(
    const model::Plan& plan, const FreeSpace& one, std::uint64_t needed, Direction direction) {
    const bool is_boot = one.folder == "/boot";
    const bool has_reserve = direction == Direction::Forward && !is_boot;
    const std::uint64_t reserve = has_reserve ? reserve_in(one.folder, plan) : 0;
    const bool may_be_less = reserve > 0 && reserve == plan.policy.reserve_bytes;
    std::string detail = one.folder + " has " + std::to_string(one.free_bytes >> 20U)
        + " MiB free, the plan needs " + std::to_string(needed >> 20U) + " MiB"
        + (is_boot ? " for what the machine boots from" : "");
    if (reserve > 0) {
        detail += ", of it " + std::to_string(reserve >> 20U) + " MiB are "
            + (may_be_less ? "the reserve" : "for a way back");
    }
    return {
        "apply.no_space",
        std::move(detail),
        may_be_less ? "Free some space, or lower the plan's reserve (--reserve)"
                    : "Free some space"};
}

}  // namespace

std::vector<PrecheckRefusal> space_refusals(
    const model::Plan& plan, const std::vector<FreeSpace>& space, Direction direction) {
    Refusals refusals;
    for (const FreeSpace& one : space) {
        const std::uint64_t needed = needed_in(one.folder, plan, space, direction);
        if (one.read_only) {
            refusals.push_back(
                {"apply.read_only",
                 one.folder + " is mounted read-only",
                 "Mount it writable, or check the disk: it may have failed"});
        } else if (one.free_bytes < needed) {
            refusals.push_back(want_of_room(plan, one, needed, direction));
        }
    }
    return refusals;
}

namespace {

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

std::string unclean_words(const PackageHealth& health) {
    if (!health.unfinished.empty()) {
        const std::size_t more = health.unfinished.size() - 1;
        return health.unfinished.front().name
            + (more == 0 ? " is" : " and " + std::to_string(more) + " more are")
            + " not fully installed";
    }
    if (health.interrupted) {
        return "its journal is not empty";
    }
    return health.broken.empty() ? std::string() : health.broken.front();
}

std::optional<PrecheckRefusal> unfinished_refusal(
    const PackageHealth& health, const std::optional<LockHolder>& holder) {
    if (!health.interrupted && health.unfinished.empty()) {
        return std::nullopt;
    }
    if (holder) {
        return locked_refusal(*holder);
    }
    return PrecheckRefusal{
        kInterrupted,
        "the package manager was interrupted: " + unclean_words(health),
        "Run `dpkg --configure -a`, or the package manager's own repair"};
}

std::optional<PrecheckRefusal> other_host_refusal(
    const model::Plan& plan, const HostSigns& here, const std::optional<std::string>& host_state) {
    const auto refusal = [&plan](std::string detail) {
        return PrecheckRefusal{
            "apply.other_host",
            std::move(detail),
            "Make a plan on this host: " + model::plan_command(model::request_of(plan))};
    };
    if (plan.machine_id.empty()) {
        return plan.root == here.place ? std::nullopt
                                       : std::optional(refusal(other_place_words(plan, here)));
    }
    if (plan.machine_id != here.machine_id) {
        return refusal(
            "the plan is of another host: it was made for " + named(plan.host, plan.machine_id)
            + ", and this is " + named(here.name, here.machine_id));
    }
    const bool is_elsewhere = plan.root
        && (plan.root->path != here.place.path || plan.root->machine_id != here.place.machine_id);
    return is_elsewhere && host_state && *host_state != plan.host_state
        ? std::optional(refusal(
              other_place_words(plan, here) + ", which has the same machine id and other packages"))
        : std::nullopt;
}

PrecheckRefusal going_down_refusal(const std::string& why) {
    return {"apply.going_down", why, "Apply again when it is up"};
}

std::vector<PrecheckRefusal> precheck(
    const model::Plan& plan, const PrecheckFacts& facts, Direction direction) {
    Refusals refusals;
    if (!facts.going_down.empty()) {
        refusals.push_back(going_down_refusal(facts.going_down));
    }
    if (auto refusal = other_host_refusal(plan, facts.host, facts.host_state)) {
        refusals.push_back(*std::move(refusal));
    }
    check_lock(facts, refusals);
    check_packages(facts, direction, refusals);
    check_holds(plan, facts, refusals);
    check_state(plan, facts, refusals);
    const bool may_be_cut = direction == Direction::Back && facts.installed && facts.health;
    std::ranges::move(
        space_refusals(
            may_be_cut ? rest_of_way_back(plan, *facts.installed, *facts.health) : plan,
            facts.space,
            direction),
        std::back_inserter(refusals));
    if (direction == Direction::Forward) {
        check_strain(facts, refusals);
    }
    return refusals;
}

}  // namespace thimble::apply
