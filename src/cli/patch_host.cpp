#include "thimble/cli/patch_host.hpp"

#include "thimble/apply/prechecks.hpp"
#include "thimble/apply/read_prechecks.hpp"
#include "thimble/apply/run_lock.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/package_managers.hpp"
#include "thimble/cli/state_directory.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/model/plan_command.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <utility>

namespace thimble::cli {
namespace {

constexpr const char* kSeen = "/run/thimble/";

/// Where the tools of a package manager read what it is to do. Another for each root, and for its clones, which two
/// commands may work on at once; the same in the next command, which takes back what one that was killed has left there.
std::filesystem::path scratch_folder(const PatchOptions& options, host::EnclosureWrites writes) {
    constexpr std::size_t kLetters = 16;
    std::string name = sha256_of(root_of(options)).substr(0, kLetters);
    name += writes == host::EnclosureWrites::CopyOnWrite ? "-clone" : "";
    return patch_state(options) / "scratch" / name;
}

Result<std::unique_ptr<host::Enclosure>> open_enclosure(
    const PatchOptions& options, host::EnclosureWrites writes, const std::string& kept) {
    const std::filesystem::path state = patch_state(options);
    THIMBLE_TRY(const auto looked, open_to_look(options));
    THIMBLE_TRY(const PackageManagerKind* kind, find_package_manager(*looked));
    if (is_bare(*looked, *kind)) {
        return failure(
            ErrorKind::Unsupported,
            "cli.bare_root",
            root_of(options) + " has no " + std::string(kind->name)
                + " of its own, so that nothing can be tried in a clone of it; apply needs "
                  "--without-rehearsal");
    }
    host::EnclosureOptions wanted;
    wanted.root = root_of(options);
    wanted.writes = writes;
    wanted.work = (state / "clones").string();
    wanted.masked = options.masked;
    wanted.masked.emplace_back("/.thimble-snapshots");  // earlier states of the very files
    wanted.size_limit = options.size_limit_bytes;
    const std::filesystem::path scratch = scratch_folder(options, writes);
    THIMBLE_TRY(apply::make_folder(scratch.string()));
    THIMBLE_TRY(
        wanted.binds,
        kind->tools({.state = state, .scratch = scratch, .enclosed = true, .bare = false}));
    wanted.binds.push_back({.source = (state / "archives").string(), .name = "archives"});
    if (!kept.empty()) {
        wanted.binds.push_back({.source = kept, .name = "kept"});
    }
    return host::Enclosure::open(std::move(wanted));
}

}  // namespace

Result<void> refuse_problems(const model::Plan& plan) {
    if (plan.problems.empty()) {
        return {};
    }
    const model::PlanProblem& first = plan.problems.front();
    return failure(
        ErrorKind::Conflict,
        "apply.plan_refused",
        "the plan is refused: " + first.detail + " [" + first.code + "]"
            + (first.next.empty() ? first.next
                                  : ". " + first.next
                       + ", then make it again: " + model::plan_command(model::request_of(plan))));
}

Result<void> refuse_plan_of_other(
    const PatchOptions& options,
    const model::Plan& plan,
    host::Host& host,
    const std::optional<std::string>& host_state) {
    const apply::HostSigns here = apply::read_signs(host, root_of(options));
    if (const auto refusal = apply::other_host_refusal(plan, here, host_state)) {
        return failure(ErrorKind::Conflict, refusal->code, refusal->detail + ". " + refusal->next);
    }
    return {};
}

Result<void> refuse_plan_of_other(
    const PatchOptions& options, const model::Plan& plan, const PatchHost& host) {
    const auto state = host.packages->host_state();
    return refuse_plan_of_other(
        options, plan, *host.host, state ? std::optional(*state) : std::nullopt);
}

std::string root_of(const PatchOptions& options) {
    if (options.root.empty()) {
        return "/";
    }
    // One host has one name in the records, however it is written; links are followed by whoever opens it.
    std::string root = std::filesystem::absolute(options.root).lexically_normal().string();
    while (root.size() > 1 && root.ends_with('/')) {
        root.pop_back();
    }
    return root;
}

HostWords host_words(const PatchOptions& options) {
    const auto words = [](std::string_view option, const std::string& value) {
        return value.empty() ? std::string() : std::string(option) + shell_word(printable(value));
    };
    return {.root = words(" --root ", options.root), .state = words(" --state ", options.state)};
}

std::string same_host(const PatchOptions& options) {
    const HostWords words = host_words(options);
    return words.root + words.state;
}

std::filesystem::path patch_state(const PatchOptions& options) {
    return std::filesystem::absolute(state_directory(options.state));
}

std::string archives_in_clone() {
    return std::string(kSeen) + "archives";
}

Result<host::Descriptor> keep_rehearsals_out(const PatchOptions& options) {
    const std::string scratch =
        scratch_folder(options, host::EnclosureWrites::CopyOnWrite).string();
    THIMBLE_TRY(apply::make_folder(scratch));
    host::Descriptor folder(::open(scratch.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0) {
        return host::system_error(errno, scratch);
    }
    if (::flock(folder.number(), LOCK_EX | LOCK_NB) == 0) {
        return folder;
    }
    const auto asked = apply::holder_of(scratch);
    return failure(
        ErrorKind::Conflict,
        "rehearse.active",
        (asked && *asked
             ? "process " + std::to_string((*asked)->pid) + " (" + (*asked)->command + ")"
             : std::string("another process"))
            + " rehearses on this host; wait until it has ended");
}

Result<std::unique_ptr<host::Enclosure>> open_clone(const PatchOptions& options) {
    return open_enclosure(options, host::EnclosureWrites::CopyOnWrite, "");
}

Result<std::unique_ptr<apply::PackageManager>> packages_in_clone(
    const PatchOptions& options, host::Enclosure& clone) {
    THIMBLE_TRY(const PackageManagerKind* kind, find_package_manager(clone));
    return kind->make(
        clone,
        {.state = patch_state(options),
         .scratch = scratch_folder(options, host::EnclosureWrites::CopyOnWrite),
         .enclosed = true,
         .bare = false});
}

Result<std::unique_ptr<host::Host>> open_to_look(const PatchOptions& options) {
    if (options.root.empty()) {
        return std::unique_ptr<host::Host>(
            std::make_unique<host::LocalHost>(host::Surroundings::Machine));
    }
    THIMBLE_TRY(auto root, host::RootHost::open(root_of(options)));
    return std::unique_ptr<host::Host>(std::move(root));
}

Result<PatchHost> open_patch_host(
    const PatchOptions& options, Opening opening, const std::string& kept) {
    const std::filesystem::path state = patch_state(options);
    for (const char* folder :
         {"", "archives", "scratch", "apt", "dnf", "zypper", "clones", "runs", "rehearsals"}) {
        THIMBLE_TRY(apply::make_folder((state / folder).string()));
    }
    const std::filesystem::path scratch = scratch_folder(options, host::EnclosureWrites::Through);
    THIMBLE_TRY(apply::make_folder(scratch.string()));
    PatchHost opened;
    opened.places = {
        .root = root_of(options),
        .archives = (state / "archives").string(),
        .kept = kept,
        .host_archives = (state / "archives").string(),
        .host_kept = kept};
    THIMBLE_TRY(opened.host, open_to_look(options));
    THIMBLE_TRY(const PackageManagerKind* kind, find_package_manager(*opened.host));
    const bool bare = is_bare(*opened.host, *kind);
    opened.is_bare = bare;
    const bool enclosed = opening == Opening::Change && !options.root.empty() && !bare;
    if (enclosed) {
        THIMBLE_TRY(opened.host, open_enclosure(options, host::EnclosureWrites::Through, kept));
        opened.places.host_archives = archives_in_clone();
        opened.places.host_kept = std::string(kSeen) + "kept";
    }
    THIMBLE_TRY(
        opened.packages,
        kind->make(
            *opened.host,
            {.state = state, .scratch = scratch, .enclosed = enclosed, .bare = bare}));
    return opened;
}

}  // namespace thimble::cli
