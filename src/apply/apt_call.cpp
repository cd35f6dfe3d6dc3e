#include "thimble/apply/apt_call.hpp"

#include "thimble/apply/deb_names.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/apply/expected_actions.hpp"
#include "thimble/apply/way_back.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/plan.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

using model::PlannedChange;
using model::PlannedStep;

/// No repository is known to it: what is not in the folder does not exist, and nothing has to be read
/// but dpkg's database. apt's own index cache, which is made for the repositories, is left as it is.
constexpr std::array kNoRepository{
    "Dir::Etc::SourceList=/dev/null",
    "Dir::Etc::SourceParts=/dev/null",
    "Dir::Cache::pkgcache=",
    "Dir::Cache::srcpkgcache="};

/// "name", with the architecture where it is not the host's own.
std::string qualified_name(const PlannedStep& step, const DpkgDatabase& database) {
    const bool own =
        step.architecture == "all" || step.architecture == database.native_architecture;
    return own ? step.name : step.name + ":" + step.architecture;
}

/// How far dpkg is with an archive of the plan; nothing: it is installed.
std::optional<ActionKind> open_action(const PlannedStep& step, const DpkgEntry* entry) {
    if (entry == nullptr || !entry->is_present() || entry->version != step.to_version) {
        return ActionKind::Unpack;
    }
    if (!entry->is_finished()) {
        return ActionKind::Finish;
    }
    return step.change == PlannedChange::Reinstall ? std::optional(ActionKind::Unpack)
                                                   : std::nullopt;
}

/// dpkg was stopped while it unpacked it.
bool is_torn(const DpkgEntry& entry) {
    return entry.reinstall_required || entry.state == DpkgState::HalfInstalled;
}

/// Not if somebody else has brought another version since. dpkg has none yet of what it was first unpacking.
bool is_ours_to_replace(const PlannedStep& step, const DpkgEntry& entry) {
    return entry.version.empty() || is_end_of(step, entry.version);
}

void add_removal(const PlannedStep& step, const DpkgDatabase& database, RemainingWork& work) {
    const DpkgEntry* entry = database.find(step.name, step.architecture);
    if (entry == nullptr || !entry->is_present()) {
        return;
    }
    work.removes = true;
    work.actions.push_back(
        {.kind = ActionKind::Remove,
         .name = step.name,
         .architecture = entry->architecture,
         .version = entry->version,
         .path = {}});
    work.arguments.push_back(qualified_name(step, database) + "-");
}

void add_installation(
    const PlannedStep& step,
    const DpkgDatabase& database,
    const std::string& archives,
    RemainingWork& work) {
    const auto kind = open_action(step, database.find(step.name, step.architecture));
    if (!kind || !step.archive) {
        return;
    }
    work.downgrades = work.downgrades || step.change == PlannedChange::Downgrade;
    work.reinstalls = work.reinstalls || step.change == PlannedChange::Reinstall;
    std::string path = archives + "/" + step.archive->file_name;
    work.actions.push_back(
        {.kind = *kind,
         .name = step.name,
         .architecture = step.architecture,
         .version = step.to_version,
         .path = path});
    work.arguments.push_back(std::move(path));
}

std::vector<std::string> dpkg_command() {
    return {"dpkg", "--force-confdef", "--force-confold", "--status-fd", "3"};
}

Error bad_step(const PlannedStep& step) {
    return failure(
        ErrorKind::Invalid,
        "apply.bad_step",
        "a step of the plan has a name that cannot be used: " + printable(step.name, 100) + " "
            + printable(step.to_version, 100));
}

bool is_sound(const PlannedStep& step) {
    const bool removes = step.change == PlannedChange::Remove;
    return is_package_name(step.name) && is_architecture(step.architecture)
        && (step.from_version.empty() || is_version(step.from_version))
        && (removes || is_version(step.to_version))
        && (removes || (step.archive && is_archive_name(step.archive->file_name)));
}

}  // namespace

RemainingWork remaining_work(
    std::span<const PlannedStep> steps, const DpkgDatabase& database, const std::string& archives) {
    RemainingWork work;
    for (const PlannedStep& step : steps) {
        if (step.change == PlannedChange::Remove) {
            add_removal(step, database, work);
        } else {
            add_installation(step, database, archives, work);
        }
    }
    // Where dependencies are broken already, as in the middle of what depends on each other, apt-get does nothing at all
    // if it is told of files only; told a name, too, it looks at what all of them together come to.
    const auto named = std::ranges::find_if(steps, [&](const PlannedStep& step) {
        const DpkgEntry* entry = database.find(step.name, step.architecture);
        return step.change != PlannedChange::Remove && step.archive
            && (entry == nullptr || entry->version != step.to_version);
    });
    if (named != steps.end()) {
        const std::optional<model::PlannedArchive>& archive = named->archive;
        work.arguments.push_back(qualified_name(*named, database) + "=" + named->to_version);
        work.named_archive = archive ? archives + "/" + archive->file_name : std::string();
    }
    return work;
}

void name_as_written(const std::string& written, RemainingWork& work) {
    if (work.named_archive.empty() || !is_version(written)) {
        return;
    }
    std::string& named = work.arguments.back();
    named.replace(named.find('=') + 1, std::string::npos, written);
}

std::vector<std::string> apt_install_command(
    const RemainingWork& work,
    const AptGate& gate,
    std::chrono::seconds lock_timeout,
    FixBroken fix_broken) {
    std::vector<std::string> argv{"apt-get", "--yes", "--quiet"};
    const auto set = [&](const std::string& setting) {
        argv.emplace_back("-o");
        argv.push_back(setting);
    };
    argv.emplace_back("--no-install-recommends");
    if (!work.removes) {
        argv.emplace_back("--no-remove");
    }
    if (work.downgrades) {
        argv.emplace_back("--allow-downgrades");
    }
    if (work.reinstalls) {
        argv.emplace_back("--reinstall");
    }
    if (fix_broken == FixBroken::Yes) {
        argv.emplace_back("--fix-broken");
    }
    set("Dpkg::Options::=--force-confdef");
    set("Dpkg::Options::=--force-confold");
    set("DPkg::Lock::Timeout=" + std::to_string(lock_timeout.count()));
    set("Dpkg::Use-Pty=0");
    set("APT::Status-Fd=3");
    set("APT::Sandbox::User=root");
    set("APT::Get::AutomaticRemove=false");
    for (const char* setting : kNoRepository) {
        set(setting);
    }
    // apt takes an archive of the right name and size out of its cache before that which it is told.
    set("Dir::Cache::Archives=" + gate.cache + "/");
    set("DPkg::Pre-Install-Pkgs::=" + gate.program + " " + gate.expectation);
    set("DPkg::Tools::Options::" + gate.program + "::Version=3");
    set("DPkg::Tools::Options::" + gate.program + "::InfoFD=0");
    argv.emplace_back("install");
    argv.insert(argv.end(), work.arguments.begin(), work.arguments.end());
    return argv;
}

std::vector<std::string> apt_mark_command(
    const std::string& mark, const std::vector<std::string>& packages) {
    std::vector<std::string> argv{"apt-mark"};
    for (const char* setting : kNoRepository) {
        argv.emplace_back("-o");
        argv.emplace_back(setting);
    }
    argv.push_back(mark);
    argv.insert(argv.end(), packages.begin(), packages.end());
    return argv;
}

std::vector<std::string> dpkg_configure_command() {
    std::vector<std::string> argv = dpkg_command();
    argv.insert(argv.end(), {"--configure", "--pending"});
    return argv;
}

std::vector<std::string> dpkg_merge_command() {
    // With nothing to read no selection changes; opening the database to write merges the journal.
    return {"dpkg", "--set-selections"};
}

std::vector<std::string> dpkg_unpack_command(const std::vector<std::string>& paths) {
    std::vector<std::string> argv = dpkg_command();
    argv.insert(argv.end(), {"--auto-deconfigure", "--unpack"});
    argv.insert(argv.end(), paths.begin(), paths.end());
    return argv;
}

std::vector<std::string> torn_archives(
    std::span<const PlannedStep> steps, const DpkgDatabase& database, const std::string& archives) {
    std::vector<std::string> paths;
    for (const PlannedStep& step : steps) {
        const DpkgEntry* entry = database.find(step.name, step.architecture);
        if (step.archive && entry != nullptr && is_torn(*entry)
            && is_ours_to_replace(step, *entry)) {
            paths.push_back(archives + "/" + step.archive->file_name);
        }
    }
    return paths;
}

std::vector<std::string> archives_to_unpack_again(
    std::span<const PlannedStep> steps, const DpkgDatabase& database, const std::string& archives) {
    std::vector<std::string> paths;
    for (const PlannedStep& step : steps) {
        const DpkgEntry* entry = database.find(step.name, step.architecture);
        if (!step.archive || entry == nullptr || entry->is_finished()
            || !is_ours_to_replace(step, *entry)) {
            continue;
        }
        const bool is_unconfigured =
            entry->state == DpkgState::Unpacked || entry->state == DpkgState::HalfConfigured;
        if (is_torn(*entry) || (is_unconfigured && !entry->conffiles.empty())) {
            paths.push_back(archives + "/" + step.archive->file_name);
        }
    }
    return paths;
}

std::vector<std::string> apt_environment() {
    return {
        "DEBIAN_FRONTEND=noninteractive",
        "DEBIAN_PRIORITY=critical",
        "NEEDRESTART_SUSPEND=1",
        "NEEDRESTART_MODE=l",
        "APT_LISTCHANGES_FRONTEND=none",
        "APT_LISTBUGS_FRONTEND=none",
        "UCF_FORCE_CONFFOLD=1",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    };
}

Result<void> check_call(
    std::span<const PlannedStep> steps, const std::string& archives, const AptGate& gate) {
    for (const PlannedStep& step : steps) {
        if (!is_sound(step)) {
            return bad_step(step);
        }
    }
    // apt runs its hooks through a shell, and separates the words of the gate's file by blanks.
    for (const std::string* path : {&archives, &gate.program, &gate.expectation, &gate.cache}) {
        if (!is_plain_path(*path)) {
            return failure(
                ErrorKind::Invalid,
                "apply.bad_path",
                printable(*path, 200)
                    + " cannot be used: choose a path of letters, digits and ./_+- only");
        }
    }
    return {};
}

WrongMarks wrong_marks(std::span<const PlannedStep> steps, const DpkgDatabase& database) {
    WrongMarks wrong;
    for (const PlannedStep& step : steps) {
        const DpkgEntry* entry = database.find(step.name, step.architecture);
        if (step.change == PlannedChange::Remove || entry == nullptr || !entry->is_present()
            || step.automatic == database.is_automatic(step.name, entry->architecture)) {
            continue;
        }
        (step.automatic ? wrong.to_automatic : wrong.to_manual)
            .push_back(qualified_name(step, database));
    }
    return wrong;
}

}  // namespace thimble::apply
