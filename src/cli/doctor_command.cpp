#include "thimble/cli/doctor_command.hpp"

#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/apt_pins.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/apply/host_snapshot.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/assess/assess.hpp"
#include "thimble/assess/host_gaps.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/catalog_diagnosis.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/diagnosis.hpp"
#include "thimble/cli/doctor_report.hpp"
#include "thimble/cli/package_managers.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/cli/run_words.hpp"
#include "thimble/cli/state_directory.hpp"
#include "thimble/cli/state_room.hpp"
#include "thimble/host/companion.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/inventory/rpm_call.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::cli {
namespace {

/// A package manager, how to tell that a host has it, and what it cannot do. One row each.
struct ManagerFacts {
    std::string_view name;
    std::string_view program;
    std::string_view database;       ///< "rpm": wherever rpm keeps it
    std::string_view configuration;  ///< of a root without the program, on which ours works
    bool patches = false;
    std::string_view cannot;  ///< the end of a sentence: "cannot …"
    std::string_view nor;     ///< the same, "nor …"; empty: nothing more
};

constexpr std::string_view kRpmCannot =
    "go back to a version whose archive is in no cache and no repository, nor leave a changed "
    "configuration file in place that is not marked noreplace (it stays beside as .rpmsave)";
constexpr std::array kManagers{
    ManagerFacts{
        "apt",
        "/usr/bin/apt-get",
        "/var/lib/dpkg/status",
        "",
        true,
        "take back what scripts of packages did beyond files and versions",
        ""},
    ManagerFacts{"dnf", "/usr/bin/dnf", "rpm", "/etc/yum.repos.d", true, kRpmCannot, ""},
    ManagerFacts{
        "dnf5",
        "/usr/bin/dnf5",
        "rpm",
        "",
        false,
        "be patched with: Thimble works with the library of dnf 4; scan only",
        ""},
    ManagerFacts{
        "zypper",
        "/usr/bin/zypper",
        "rpm",
        "/etc/zypp/repos.d",
        true,
        kRpmCannot,
        "keep the mark of packages that came as dependencies only"},
    ManagerFacts{
        "yum 3",
        "/usr/bin/yum",
        "rpm",
        "",
        false,
        "be patched with: its library is of Python 2; scan only",
        ""},
    ManagerFacts{
        "apk",
        "/sbin/apk",
        "/lib/apk/db/installed",
        "",
        false,
        "be patched with: it tells its plan in words for people only (apk upgrade --simulate), "
        "which cannot "
        "be compared with ours before it changes the host; without a cache it keeps no versions "
        "before; and "
        "no apk could be tried: scan only",
        ""},
};

/// What patching with a package manager needs beside it.
struct NeededProgram {
    std::string_view manager;
    std::string_view path;
    std::string_view next;
};
constexpr std::array kNeeded{
    NeededProgram{"apt", "/usr/bin/dpkg", "Install the packages dpkg and apt"},
    NeededProgram{"apt", "/usr/bin/dpkg-deb", "Install the packages dpkg and apt"},
    NeededProgram{"apt", "/usr/bin/apt-mark", "Install the packages dpkg and apt"},
    NeededProgram{"dnf", "/usr/bin/rpm", "Install the package rpm"},
    NeededProgram{"dnf", "/usr/bin/rpmkeys", "Install the package rpm"},
    NeededProgram{"zypper", "/usr/bin/rpm", "Install the package rpm"},
    NeededProgram{"zypper", "/usr/bin/rpmkeys", "Install the package rpm"},
};

bool is_there(host::Host& host, std::string_view path) {
    return host.look(path, host::Follow::Yes).has_value();
}

bool has(host::Host& host, const ManagerFacts& manager) {
    const bool database = manager.database == "rpm" ? !inventory::find_rpm_database(host).empty()
                                                    : is_there(host, manager.database);
    return database
        && (is_there(host, manager.program)
            || (!manager.configuration.empty() && is_there(host, manager.configuration)));
}

/// dnf 4 is a script. dnf 5 is a program, which the name dnf leads to as well.
bool is_script(host::Host& host, std::string_view path) {
    constexpr std::size_t kMost = std::size_t{64} << 10;
    const auto text = host.read_file(path, kMost);
    return text && text->starts_with("#!");
}

/// Another package manager has this one's name, too.
bool is_second_name(host::Host& host, const ManagerFacts& manager) {
    const bool has_dnf5 = is_there(host, "/usr/bin/dnf5");
    return (manager.name == "yum 3" && (has_dnf5 || is_there(host, "/usr/bin/dnf")))
        || (manager.name == "dnf" && has_dnf5 && !is_script(host, manager.program));
}

Diagnosis diagnose(host::Host& host, const ManagerFacts& manager) {
    const std::string subject = "package manager " + std::string(manager.name);
    host::LocalHost here;
    const bool from_without = !is_there(host, manager.program);
    host::Host& worker = from_without ? here : host;
    if (!is_there(worker, manager.program)) {
        return {subject, Condition::Limited, "neither there nor on this machine: scan only", ""};
    }
    if (manager.name == "dnf" && !is_script(worker, manager.program)) {
        return {subject, Condition::Limited, "not dnf 4, not supported: scan only", ""};
    }
    std::string detail = "cannot " + std::string(manager.cannot);
    detail += (manager.nor.empty() ? "" : ", nor ") + std::string(manager.nor);
    if (from_without) {
        detail +=
            "; it is this machine's, which works on that root from without: no rehearsal there";
    }
    const bool limited = manager.name != "apt";
    return {subject, limited ? Condition::Limited : Condition::Well, std::move(detail), ""};
}

/// Whether something is there to look at: in an empty directory, or one beside the system's, nothing is.
bool has_system(host::Host& host) {
    return is_there(host, "/etc/os-release") || is_there(host, "/usr/lib/os-release")
        || std::ranges::any_of(
               kManagers, [&host](const ManagerFacts& manager) { return has(host, manager); });
}

/// Whether patches of the host go by another one, of another kind of packages: a tool to make images with, say.
bool is_foreign(host::Host& host, const ManagerFacts& manager) {
    const auto own = find_package_manager(host);
    if (!own) {
        return false;
    }
    const auto* const facts = std::ranges::find(kManagers, (*own)->name, &ManagerFacts::name);
    return facts != kManagers.end() && facts->database != manager.database && has(host, *facts);
}

void look_at_managers(host::Host& host, std::vector<Diagnosis>& found) {
    bool any = false;
    for (const ManagerFacts& manager : kManagers) {
        if (is_second_name(host, manager) || !has(host, manager)) {
            continue;
        }
        any = any || manager.patches;
        found.push_back(diagnose(host, manager));
        if (is_foreign(host, manager)) {
            found.back().foreign = manager.name;
        }
    }
    if (!any) {
        found.push_back(
            {"package manager",
             Condition::Missing,
             "none that Thimble can patch with",
             "thimble scan still says what is missing"});
    }
}

void look_at_programs(std::vector<Diagnosis>& found) {
    for (const char* name : {"thimble-feeds", "thimble-apt", "thimble-gate", "thimble-dnf"}) {
        const std::string path = host::find_companion(name);
        found.push_back(
            {name,
             path.empty() ? Condition::Missing : Condition::Well,
             path.empty() ? "not beside this program" : path,
             path.empty() ? "Install all programs of Thimble together" : ""});
    }
}

/// A program may be the host's own, or this machine's where the host has no package manager of its own.
Diagnosis look_at_needed(
    host::Host& host, const ManagerFacts& manager, const NeededProgram& needed) {
    host::LocalHost here;
    const bool there = is_there(host, needed.path)
        || (!is_there(host, manager.program) && is_there(here, needed.path));
    if (there) {
        return {std::string(needed.path), Condition::Well, "there", ""};
    }
    return {
        std::string(needed.path),
        Condition::Missing,
        "patching with " + std::string(manager.name) + " needs it",
        std::string(needed.next)};
}

void look_at_needs(host::Host& host, std::vector<Diagnosis>& found) {
    for (const ManagerFacts& manager : kManagers) {
        for (const NeededProgram& needed : kNeeded) {
            // What two package managers need is there, or not, once.
            const bool told =
                std::ranges::find(found, needed.path, &Diagnosis::subject) != found.end();
            if (needed.manager == manager.name && !told && has(host, manager)) {
                found.push_back(look_at_needed(host, manager, needed));
                found.back().foreign = is_foreign(host, manager) ? manager.name : "";
            }
        }
    }
}

void look_at_rights(std::vector<Diagnosis>& found) {
    const bool root = ::geteuid() == 0;
    found.push_back(
        {"rights",
         root ? Condition::Well : Condition::Limited,
         root ? "root"
              : "not root: plan and history only; no rehearsal, no apply, no processes of others",
         root ? "" : "Run as root"});
}

void look_at_clones(std::vector<Diagnosis>& found) {
    host::LocalHost host;
    const auto systems = host.read_file("/proc/filesystems", 64 * 1024);
    const bool overlay = systems && systems->contains("\toverlay\n");
    found.push_back(
        {"clones (overlay)",
         overlay ? Condition::Well : Condition::Missing,
         overlay ? "the kernel has overlayfs" : "the kernel shows no overlayfs",
         overlay ? "" : "modprobe overlay; without it a plan cannot be rehearsed"});
    for (const char* name : {"mnt", "pid", "ipc", "uts", "net"}) {
        if (!is_there(host, "/proc/self/ns/" + std::string(name))) {
            found.push_back(
                {"clones (namespaces)",
                 Condition::Missing,
                 "the kernel has no " + std::string(name) + " namespaces",
                 "a plan cannot be rehearsed here"});
        }
    }
}

Diagnosis diagnose_state(const std::string& folder) {
    constexpr std::uint64_t kLittle = std::uint64_t{1} << 30;
    const std::string subject = "state directory";
    const auto made = apply::make_folder(folder);
    if (const auto trouble = state_trouble(folder)) {
        const bool is_full = trouble->code == "cli.state_full";
        return {
            subject,
            Condition::Missing,
            trouble->text(),
            std::string(is_full ? kStepOfFullState : kStepOfClosedState)};
    }
    struct statvfs space{};
    if (!made || ::statvfs(folder.c_str(), &space) != 0) {
        return {
            subject,
            Condition::Missing,
            made ? folder + " cannot be looked at" : made.error().text(),
            "Choose another: --state DIR or THIMBLE_STATE"};
    }
    const std::uint64_t free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
    const bool little = free_bytes < kLittle;
    return {
        subject,
        little ? Condition::Limited : Condition::Well,
        folder + ", " + std::to_string(free_bytes >> 20U) + " MiB free",
        little ? "Archives, clones and kept versions need some; free a GiB" : ""};
}

void look_at_state(const PatchOptions& options, std::vector<Diagnosis>& found) {
    const std::string folder = patch_state(options).string();
    found.push_back(diagnose_state(folder));
    found.push_back(diagnose_catalog(catalog_path(folder).string(), host::SystemClock().now()));
}

void look_at_services(host::Host& host, std::vector<Diagnosis>& found) {
    const bool systemd = is_there(host, "/run/systemd/system");
    found.push_back(
        {"service manager",
         systemd ? Condition::Well : Condition::Limited,
         systemd ? "systemd" : "no systemd runs: services are neither watched nor restarted",
         ""});
}

/// Ways back beside the archives of the versions before.
void look_at_snapshots(const PatchOptions& options, std::vector<Diagnosis>& found) {
    const auto planned =
        apply::plan_snapshot(apply::read_snapshot_facts(root_of(options)), "doctor");
    found.push_back(
        {"snapshots",
         Condition::Well,
         planned ? "apply takes one of " + planned->source + " with "
                 + std::string(apply::snapshot_kind_name(planned->kind))
                 : "none; a rollback uses the archives of the versions before",
         ""});
}

/// Runs that are in the middle of something, or may be.
void look_at_runs(
    const PatchOptions& options, std::span<const KeptRun> runs, std::vector<Diagnosis>& found) {
    for (const OpenRun& open : open_runs(runs, root_of(options))) {
        const bool is_read = open.problem.empty();
        found.push_back(
            {"run " + open.run,
             Condition::Missing,
             is_read ? "has not ended: packages may be half changed"
                     : "may not have ended: its record cannot be read (" + open.problem + ")",
             is_read
                 ? "thimble patch resume, which takes it up unless it goes on"
                 : "Look at the host and at " + (patch_state(options) / "runs" / open.run).string()
                     + ", then thimble patch unblock " + open.run + " --reason TEXT"});
    }
}

/// The last run that changed something, where it was to go back and did not get there.
void look_at_failed_return(
    const std::optional<FailedReturn>& failed, std::vector<Diagnosis>& found) {
    if (!failed) {
        return;
    }
    found.push_back(
        {"run " + failed->run,
         Condition::Missing,
         "could not bring the versions before back, or not set all of them up",
         step_after_failed_return(*failed, "")});
}

/// Whether what is installed has what it depends on, as apt sees it. Nothing is written for it.
void look_at_dependencies(host::Host& host, std::vector<Diagnosis>& found) {
    const std::string thimble_apt = host::find_companion("thimble-apt");
    if (!is_there(host, "/var/lib/dpkg/status") || thimble_apt.empty()) {
        return;  // which is told elsewhere
    }
    apply::AptPackages packages(
        host,
        {.thimble_apt = thimble_apt,
         .gate = {},
         .scratch = {},
         .scratch_seen = {},
         .empty_cache = {},
         .cache = {}});
    const auto health = packages.health();
    if (!health) {
        found.push_back(
            {"dependencies",
             Condition::Limited,
             "could not be looked at: " + health.error().text(),
             ""});
        return;
    }
    std::string detail = "every package has what it needs";
    if (!health->broken.empty()) {
        detail = "broken: " + health->broken.front();
        detail += health->broken.size() == 1
            ? std::string()
            : " (and " + std::to_string(health->broken.size() - 1) + " more)";
    }
    found.push_back(
        {"dependencies",
         health->broken.empty() ? Condition::Well : Condition::Missing,
         std::move(detail),
         health->broken.empty()
             ? ""
             : "Finish, or take back, the run that left them so; where none did: the "
               "repair of apt"});
}

/// dpkg's database alone tells of what was begun there and not finished; rpm's has no such state.
void look_at_packages(
    host::Host& host, const std::optional<FailedReturn>& failed, std::vector<Diagnosis>& found) {
    if (!is_there(host, "/var/lib/dpkg/status")) {
        return;
    }
    const auto database = apply::read_dpkg_database(host);
    if (!database) {
        found.push_back(
            {"package database",
             Condition::Missing,
             "cannot be read: " + database.error().text(),
             "Run as root, or restore it from /var/backups/dpkg.status.*"});
        return;
    }
    const auto is_unfinished = [](const apply::DpkgEntry& entry) {
        return !entry.is_finished();
    };
    const auto unfinished = std::ranges::find_if(database->entries, is_unfinished);
    const bool is_whole = !database->interrupted && unfinished == database->entries.end();
    std::string detail = "nothing in it is unfinished";
    if (database->interrupted) {
        detail = "dpkg was interrupted, or is at work";
    } else if (!is_whole) {
        const auto others =
            std::ranges::count_if(unfinished + 1, database->entries.end(), is_unfinished);
        detail = unfinished->name
            + (others == 0 ? " is" : " and " + std::to_string(others) + " more are")
            + " not fully installed";
    }
    std::string step(assess::kFinishingStep);
    if (is_whole) {
        step.clear();
    } else if (failed) {
        step = step_after_failed_return(*failed, "");
    }
    found.push_back(
        {"package database",
         is_whole ? Condition::Well : Condition::Missing,
         std::move(detail),
         std::move(step)});
}

/// What runs took back and nobody has allowed again, and what apt is kept from by a run that nobody here knows.
void look_at_blocks(
    const PatchOptions& options, std::span<const KeptRun> runs, std::vector<Diagnosis>& found) {
    std::vector<std::string> pinned = apply::pinned_runs(root_of(options));
    for (const BlockedRun& blocked : blocked_runs(runs, root_of(options))) {
        const std::string what = blocked.problem.empty()
            ? blocked_words(blocked) + " by run " + blocked.run
            : unread_words(blocked);
        found.push_back(
            {"taken back",
             Condition::Limited,
             what + ": " + block_reach(blocked),
             unblock_step(blocked)});
        std::erase(pinned, blocked.run);
    }
    for (const std::string& run : pinned) {
        found.push_back(
            {"taken back",
             Condition::Limited,
             apply::pin_path(run) + " keeps apt from versions of a run that blocks nothing here",
             "thimble patch resume removes it if the run is of this state directory; else remove "
             "it "
             "by hand"});
    }
}

/// Why the records of runs cannot be read by whoever asks; they may be there.
std::optional<Error> closed_records(const PatchOptions& options) {
    const auto names = host::LocalHost().list((patch_state(options) / "runs").string());
    return !names && names.error().kind == ErrorKind::Denied ? std::optional(names.error())
                                                             : std::nullopt;
}

void look_at_closed_records(
    const PatchOptions& options, const Error& closed, std::vector<Diagnosis>& found) {
    found.push_back(
        {"runs",
         Condition::Limited,
         "whether one has not ended, and what they took back, is not known: " + closed.text(),
         "Run as root"});
    for (const std::string& run : apply::pinned_runs(root_of(options))) {
        found.push_back(
            {"taken back",
             Condition::Limited,
             apply::pin_path(run) + " keeps apt from versions that run " + run + " took back",
             ""});
    }
}

/// What is offered is only as good as the index: as a scan sees it, without what it fetches.
void look_at_index(host::Host& host, std::vector<Diagnosis>& found) {
    const Instant now = host::SystemClock().now();
    inventory::InventoryOptions wanted;
    wanted.offers = true;
    const auto inventory = inventory::read_inventory(host, wanted, now);
    if (!inventory) {
        found.push_back(
            {"package index",
             Condition::Limited,
             "could not be looked at: " + inventory.error().text(),
             ""});
        return;
    }
    const std::vector<model::Gap> gaps = assess::host_gaps(
        *inventory, nullptr, {.now = now, .index_budget = assess::AssessOptions().index_budget});
    std::ranges::move(diagnose_index(gaps), std::back_inserter(found));
}

void look_at_host(const PatchOptions& options, host::Host& host, std::vector<Diagnosis>& found) {
    look_at_managers(host, found);
    look_at_needs(host, found);
    look_at_index(host, found);
    look_at_services(host, found);
    look_at_snapshots(options, found);
    const auto closed = closed_records(options);
    const std::vector<KeptRun> runs =
        closed ? std::vector<KeptRun>() : list_runs(patch_state(options));
    const auto failed = failed_return(runs, root_of(options));
    look_at_packages(host, failed, found);
    look_at_dependencies(host, found);
    if (closed) {
        look_at_closed_records(options, *closed, found);
        return;
    }
    look_at_runs(options, runs, found);
    look_at_failed_return(failed, found);
    look_at_blocks(options, runs, found);
}

}  // namespace

int run_doctor(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    std::vector<Diagnosis> found;
    std::unique_ptr<host::Host> host = std::make_unique<host::LocalHost>();
    if (!options.root.empty()) {
        auto root = host::RootHost::open(root_of(options));
        if (!root) {
            return complain(err, root.error());
        }
        host = *std::move(root);
    }
    look_at_rights(found);
    look_at_programs(found);
    look_at_clones(found);
    look_at_state(options, found);
    if (has_system(*host)) {
        look_at_host(options, *host, found);
    } else {
        found.push_back(
            {"system",
             Condition::Missing,
             root_of(options) + " has neither an os-release nor a package database",
             "Name the directory that is the root of a system: --root DIR"});
    }
    for (Diagnosis& diagnosis : found) {
        diagnosis.detail = aimed_commands(diagnosis.detail, host_words(options));
        diagnosis.next = aimed_commands(diagnosis.next, host_words(options));
    }
    out << (options.json ? doctor_json(found) : doctor_text(found));
    return doctor_status(found);
}

}  // namespace thimble::cli
