#include "thimble/inventory/stale_processes.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/living_thread.hpp"
#include "thimble/inventory/proc_maps.hpp"
#include "thimble/inventory/reader_rights.hpp"
#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxMaps = std::size_t{64} << 20;
constexpr std::size_t kMaxProcesses = 32'768;
constexpr std::size_t kMaxSmall = std::size_t{256} << 10;
constexpr std::uint64_t kTicksPerSecond = 100;  // USER_HZ, fixed in Linux' interface
constexpr std::string_view kDeleted = " (deleted)";

/// What /proc tells of one process at once.
struct ProcessFacts {
    std::uint32_t pid = 0;
    std::string folder;  ///< of a thread of it that has not ended
    ProcessStat stat;
    std::string executable;
    std::string name_space;  ///< of its mounts: "mnt:[4026531841]"; its own number when not told
    std::vector<Mapping> mappings;
    std::string script;  ///< as its own mounts name it; empty: no interpreter's
    /// Of a chroot among the mounts that we see ourselves; empty: none. Its maps name files as they lie for us, and those
    /// below are of another system.
    std::string chroot;
};

bool lies_below(std::string_view path, const std::string& folder) {
    return !folder.empty() && path.starts_with(folder)
        && path.substr(folder.size()).starts_with('/');
}

std::string text_of(host::Host& host, const std::string& path, std::size_t limit) {
    auto text = host.read_file(path, limit);
    return text ? *std::move(text) : std::string();
}

/// The script of an interpreter as an absolute path; empty when there is none.
std::string script_of(host::Host& host, const ProcessFacts& facts) {
    std::string script =
        interpreted_script(facts.executable, text_of(host, facts.folder + "/cmdline", kMaxSmall));
    if (script.empty() || script.starts_with('/')) {
        return script;
    }
    const auto folder = host.read_link(facts.folder + "/cwd");
    return folder ? *folder + "/" + script : std::string();
}

/// @return nothing when it is a kernel thread or has gone
/// @error Denied: it may not be looked at; what else reading its maps met, or that they are too long or too many
Result<std::optional<ProcessFacts>> read_facts(host::Host& host, std::uint32_t pid) {
    ProcessFacts facts;
    facts.pid = pid;
    const auto told = host.read_file("/proc/" + std::to_string(pid) + "/stat", kMaxSmall);
    if (!told && told.error().kind == ErrorKind::Denied) {
        return told.error();
    }
    auto stat = parse_process_stat(told ? *told : std::string());
    if (!stat || stat->kernel_thread) {
        return std::optional<ProcessFacts>();
    }
    facts.stat = *std::move(stat);
    THIMBLE_TRY(std::optional<LivingThread> living, find_living_thread(host, pid));
    if (!living) {
        return std::optional<ProcessFacts>();
    }
    facts.folder = std::move(living->folder);
    facts.executable = std::move(living->executable);
    const auto name_space = host.read_link(facts.folder + "/ns/mnt");
    facts.name_space = name_space ? *name_space : facts.folder;
    // Also of a program that was replaced: its libraries may have been, too, by another package.
    const auto maps = host.read_file(facts.folder + "/maps", kMaxMaps);
    if (!maps && maps.error().kind != ErrorKind::NotFound) {
        return maps.error();
    }
    auto mappings = parse_executable_mappings(maps ? *maps : std::string());
    if (!mappings) {
        return because(std::to_string(pid) + " (" + facts.stat.command + ")", mappings.error());
    }
    facts.mappings = *std::move(mappings);
    const auto root = host.read_link(facts.folder + "/root");
    const auto own_name_space = host.read_link("/proc/self/ns/mnt");
    if (root && *root != "/" && own_name_space && *own_name_space == facts.name_space) {
        facts.chroot = *root;
        std::erase_if(facts.mappings, [&](const Mapping& mapping) {
            return lies_below(mapping.path, facts.chroot);
        });
        return std::optional(std::move(facts));
    }
    facts.script = script_of(host, facts);
    return std::optional(std::move(facts));
}

/// The questions about every process whose answers read_facts wants.
std::vector<host::Question> questions_about(std::span<const std::uint32_t> pids) {
    std::vector<host::Question> questions;
    for (const std::uint32_t pid : pids) {
        const std::string folder = "/proc/" + std::to_string(pid);
        for (const char* name : {"/stat", "/maps", "/cgroup", "/cmdline"}) {
            questions.push_back({.path = folder + name, .ask = host::Ask::Bytes});
        }
        for (const char* name : {"/exe", "/cwd", "/ns/mnt", "/root"}) {
            questions.push_back({.path = folder + name, .ask = host::Ask::Link});
        }
    }
    return questions;
}

/// What lies on disk where processes have mapped files. The same library is mapped by nearly every
/// process: each is looked at once, through the first process that has it.
class MappedFiles {
public:
    explicit MappedFiles(host::Host& host) : host_(host) {}

    /// Asks about all of them in one go.
    Result<void> prepare(
        std::span<const ProcessFacts> processes, std::span<const std::string> ignored) {
        std::vector<host::Question> questions;
        for (const ProcessFacts& process : processes) {
            for (const Mapping& mapping : process.mappings) {
                if (is_ignored_mapping(mapping.path, ignored) || mapping.deleted
                    || !places_.try_emplace(key_of(process, mapping), std::nullopt).second) {
                    continue;
                }
                questions.push_back(
                    {.path = path_of(process, mapping.path), .ask = host::Ask::Info});
                questions.push_back(
                    {.path = process.folder + "/map_files/" + mapping.range,
                     .ask = host::Ask::Info});
            }
            if (!process.script.empty()) {
                questions.push_back(
                    {.path = path_of(process, process.script), .ask = host::Ask::Info});
            }
        }
        places_.clear();
        return questions.empty() ? Result<void>() : host_.prepare(questions);
    }

    bool is_replaced(const ProcessFacts& process, const Mapping& mapping) {
        if (mapping.deleted) {
            return true;
        }
        std::optional<bool>& known = places_[key_of(process, mapping)];
        if (!known) {
            known = differs(process, mapping);
        }
        return *known;
    }

    [[nodiscard]] static std::string path_of(const ProcessFacts& process, const std::string& path) {
        return process.chroot.empty() ? process.folder + "/root" + path : path;
    }

private:
    using Key = std::tuple<std::string, std::string, std::uint64_t, std::uint64_t>;

    static Key key_of(const ProcessFacts& process, const Mapping& mapping) {
        const std::uint64_t device =
            (std::uint64_t{mapping.device_major} << 32U) | mapping.device_minor;
        return {process.name_space, mapping.path, mapping.inode, device};
    }

    bool differs(const ProcessFacts& process, const Mapping& mapping) {
        const auto on_disk = host_.look(path_of(process, mapping.path), host::Follow::Yes);
        if (!on_disk) {
            return false;  // in a mount that we cannot reach: nothing to compare with
        }
        // The mapped file itself, where we may look at it: on some file systems the numbers in maps
        // are not those of stat.
        if (const auto mapped =
                host_.look(process.folder + "/map_files/" + mapping.range, host::Follow::Yes)) {
            return mapped->inode != on_disk->inode || mapped->device_major != on_disk->device_major
                || mapped->device_minor != on_disk->device_minor;
        }
        const bool other_device = mapping.device_major != on_disk->device_major
            || mapping.device_minor != on_disk->device_minor;
        return mapping.inode != on_disk->inode
            || (other_device && !is_device_unreliable(mapping.device_major));
    }

    host::Host& host_;
    std::map<Key, std::optional<bool>> places_;
};

/// The files that a process uses and that were replaced.
class Judge {
public:
    Judge(host::Host& host, std::span<const std::string> ignored, std::optional<Instant> booted_at)
        : host_(host), files_(host), ignored_(ignored), booted_at_(booted_at) {}

    Result<void> prepare(std::span<const ProcessFacts> processes) {
        return files_.prepare(processes, ignored_);
    }

    std::optional<model::StaleProcess> judge(const ProcessFacts& facts) {
        model::StaleProcess process;
        process.pid = facts.pid;
        process.command = facts.stat.command;
        add_replaced_files(facts, process.files);
        if (process.files.empty()) {
            add_changed_script(facts, process);
        }
        if (process.files.empty()) {
            return std::nullopt;
        }
        UnitMembership membership = unit_of(text_of(host_, facts.folder + "/cgroup", kMaxSmall));
        process.unit = std::move(membership.unit);
        process.unit_kind = std::move(membership.kind);
        return process;
    }

private:
    void add_replaced_files(const ProcessFacts& facts, std::vector<std::string>& files) {
        if (facts.executable.ends_with(kDeleted)) {
            std::string path =
                facts.executable.substr(0, facts.executable.size() - kDeleted.size());
            if (!is_ignored_mapping(path, ignored_) && !lies_below(path, facts.chroot)) {
                files.push_back(std::move(path));
            }
        }
        for (const Mapping& mapping : facts.mappings) {
            if (!is_ignored_mapping(mapping.path, ignored_) && files_.is_replaced(facts, mapping)
                && std::ranges::find(files, mapping.path) == files.end()) {
                files.push_back(mapping.path);
            }
        }
    }

    /// A source file whose inode changed after the start of its interpreter: probably old code.
    void add_changed_script(const ProcessFacts& facts, model::StaleProcess& process) {
        if (facts.script.empty() || !booted_at_) {
            return;
        }
        const auto info = host_.look(MappedFiles::path_of(facts, facts.script), host::Follow::Yes);
        const Instant started_at =
            *booted_at_ + std::chrono::seconds(facts.stat.start_ticks / kTicksPerSecond);
        if (info && info->type == host::FileType::Regular && info->changed_at > started_at) {
            process.files.push_back(facts.script);
            process.heuristic = true;
        }
    }

    host::Host& host_;
    MappedFiles files_;
    std::span<const std::string> ignored_;
    std::optional<Instant> booted_at_;
};

void add_unreadable(model::Inventory& inventory, const Error& error) {
    inventory.gaps.push_back(
        {.code = "inventory.no_processes",
         .detail = "The processes cannot be read (" + error.text() + ").",
         .next = "Look at /proc on the host."});
}

/// Processes that could not be looked at.
struct Unseen {
    std::size_t denied = 0;
    std::size_t crowded = 0;  ///< more is mapped than is looked at, and any of it may be old
    std::string first_denied;
};

void note_unseen(
    std::uint32_t pid, const Error& error, Unseen& unseen, model::Inventory& inventory) {
    if (error.code != "inventory.too_many_mappings") {
        unseen.first_denied =
            unseen.denied++ == 0 ? std::to_string(pid) : std::move(unseen.first_denied);
        return;
    }
    ++unseen.crowded;
    inventory.gaps.push_back(
        {.code = error.code,
         .detail = "Whether a process runs replaced files is not known: " + error.text() + ".",
         .next = ""});
}

/// Whether /proc shows the processes of others; else that is said. The first process is there whenever it does: with hidepid it
/// shows our own only.
bool shows_others(
    host::Host& host, std::span<const std::uint32_t> pids, model::Inventory& inventory) {
    if (std::ranges::find(pids, 1U) != pids.end()) {
        return true;
    }
    inventory.gaps.push_back(
        {.code = "inventory.hidden_processes",
         .detail = "Processes of others are not shown: /proc hides them (hidepid).",
         .next = step_to_see_more(host)});
    return false;
}

/// The numbers of all processes. More than the limit is left out, and said.
Result<std::vector<std::uint32_t>> list_processes(host::Host& host, model::Inventory& inventory) {
    THIMBLE_TRY(const std::vector<std::string> names, host.list("/proc"));
    std::vector<std::uint32_t> pids;
    for (const std::string& name : names) {
        if (const auto pid = number_in<std::uint32_t>(name)) {
            pids.push_back(*pid);
        }
    }
    std::ranges::sort(pids);
    if (pids.size() > kMaxProcesses) {
        inventory.gaps.push_back(
            {.code = "inventory.too_many_processes",
             .detail = "Of " + std::to_string(pids.size()) + " processes only the first "
                 + std::to_string(kMaxProcesses) + " were looked at.",
             .next = ""});
        pids.resize(kMaxProcesses);
    }
    return pids;
}

Result<void> read_processes(
    host::Host& host, std::span<const std::string> ignored, model::Inventory& inventory) {
    THIMBLE_TRY(const std::vector<std::uint32_t> pids, list_processes(host, inventory));
    THIMBLE_TRY(host.prepare(questions_about(pids)));
    std::vector<ProcessFacts> processes;
    Unseen unseen;
    for (const std::uint32_t pid : pids) {
        auto facts = read_facts(host, pid);
        if (!facts) {
            note_unseen(pid, facts.error(), unseen, inventory);
            continue;
        }
        if (std::optional<ProcessFacts>& running = *facts) {
            processes.push_back(*std::move(running));
        }
    }
    Judge judge(host, ignored, inventory.kernel.booted_at);
    THIMBLE_TRY(judge.prepare(processes));
    for (const ProcessFacts& facts : processes) {
        if (auto stale = judge.judge(facts)) {
            inventory.stale_processes.push_back(*std::move(stale));
        }
    }
    const bool are_shown = shows_others(host, pids, inventory);
    inventory.processes_known =
        are_shown && unseen.denied == 0 && unseen.crowded == 0 && pids.size() < kMaxProcesses;
    if (unseen.denied > 0) {
        inventory.gaps.push_back(
            {.code = "inventory.hidden_processes",
             .detail = std::to_string(unseen.denied)
                 + (unseen.denied == 1
                        ? " process could not be looked at for replaced files: "
                        : " processes could not be looked at for replaced files, first ")
                 + unseen.first_denied + ".",
             .next = step_to_see_more(host)});
    }
    return {};
}

}  // namespace

void read_stale_processes(
    host::Host& host, std::span<const std::string> ignored, model::Inventory& inventory) {
    if (const auto read = read_processes(host, ignored, inventory); !read) {
        add_unreadable(inventory, read.error());
    }
}

}  // namespace thimble::inventory
