#include "thimble/apply/rpm_host.hpp"
#include "thimble/apply/way_back.hpp"
#include "thimble/base/error.hpp"
#include "thimble/host/run_command.hpp"

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 4;

using Cached = std::map<std::string, std::string>;  // file name to path on this machine

/// The .rpm files of a folder of the host and of those below it.
void collect(host::Host& host, const std::string& folder, int depth, Cached& found) {
    const auto names = host.list(folder);
    if (!names || depth > kMaxDepth) {
        return;
    }
    const std::string root = host.local_root() == "/" ? "" : host.local_root();
    for (const std::string& name : *names) {
        std::string path = folder;
        path.append("/").append(name);
        const auto info = host.look(path, host::Follow::No);
        if (info && info->type == host::FileType::Directory) {
            collect(host, path, depth + 1, found);
        } else if (info && info->type == host::FileType::Regular && name.ends_with(".rpm")) {
            found.emplace(name, root + path);
        }
    }
}

/// One package whose version before has to be kept.
struct ToKeep {
    RpmEntry entry;
    std::size_t at = 0;  ///< of its step back
    std::string file_name;
};

Error not_kept(const PackageVersion& package) {
    return failure(
        ErrorKind::NotFound,
        "apply.not_kept",
        "the archive of " + package.name + " " + package.version
            + ", which is installed, is neither in the package manager's cache nor in a repository, "
              "and an rpm cannot be made again from installed files: there would be no way back");
}

}  // namespace

/// Asked of this machine's rpm, which need not know the host's database for it.
Result<RpmEntry> RpmHost::entry_of_archive(const std::string& path) {
    THIMBLE_TRY(
        const host::Outcome outcome,
        host::run_command(
            {.argv = {"rpm", "-qp", "--nosignature", "--queryformat", rpm_entry_format(), path}}));
    if (outcome.exit_status != 0) {
        return failure(ErrorKind::Corrupt, "apply.bad_rpm", last_words(outcome.errors));
    }
    THIMBLE_TRY(std::vector<RpmEntry> entries, parse_rpm_entries(outcome.output));
    if (entries.size() != 1) {
        return failure(ErrorKind::Corrupt, "apply.bad_rpm", path + " is no single package");
    }
    return std::move(entries.front());
}

Result<std::string> RpmHost::signature_problem(const std::string& path) {
    using inventory::RunsAt;
    const RunsAt where = host_.local_root() == "/" ? RunsAt::Host : RunsAt::Here;
    std::vector<std::string> argv{
        "rpmkeys",
        "--define",
        "_pkgverify_level signature",
        "--define",
        "_pkgverify_flags 0x0",
        "--checksig",
        path};
    THIMBLE_TRY(
        const host::Outcome checked,
        host::run_command(
            {.argv =
                 inventory::rpm_argv(host_, where, std::move(argv), inventory::RpmUse::Query)}));
    if (checked.exit_status == 0) {
        return std::string();
    }
    THIMBLE_TRY(
        const host::Outcome signatures,
        host::run_command(
            {.argv = {
                 "rpm",
                 "-qp",
                 "--nosignature",
                 "--queryformat",
                 "%|RSAHEADER?{signed}|%|DSAHEADER?{signed}|%|SIGPGP?{signed}|%|SIGGPG?{signed}|",
                 path}}));
    return std::string(
        signatures.output.empty() ? "it is not signed, and its repository demands it"
                                  : "it is signed with a key that the host does not trust, or the "
                                    "signature is wrong; see "
                                    "rpm --import");
}

/// The same header, digests of all its files included, and a payload that is whole.
bool RpmHost::is_archive_of(const std::string& path, const RpmEntry& entry) {
    const auto found = entry_of_archive(path);
    if (!found || *found != entry) {
        return false;
    }
    const auto checked =
        host::run_command({.argv = {"rpmkeys", "--checksig", "--nosignature", path}});
    return checked && checked->exit_status == 0;
}

bool RpmHost::take_from_caches(
    const std::map<std::string, std::string>& cached,
    const RpmEntry& entry,
    const std::string& target) {
    const auto found = cached.find(fs::path(target).filename().string());
    std::error_code error;
    if (found == cached.end()
        || !fs::copy_file(found->second, target, fs::copy_options::overwrite_existing, error)) {
        return false;
    }
    return is_archive_of(target, entry);
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): each way of keeping is tried in turn
Result<std::vector<KeptArchive>> RpmHost::keep(
    std::span<const model::PlannedStep> steps,
    const std::string& folder,
    std::span<const std::string> caches,
    const FetchWanted& fetch_wanted) {
    THIMBLE_TRY(check_rpm_steps(steps));
    THIMBLE_TRY(const std::string place, archive_folder(folder));
    THIMBLE_TRY(const std::vector<RpmEntry> now, entries());
    Cached cached;
    for (const std::string& cache : caches) {
        collect(host_, cache, 0, cached);
    }
    std::vector<KeptArchive> kept;
    std::vector<ToKeep> missing;
    std::vector<WantedArchive> wanted;
    for (const model::PlannedStep& step : steps) {
        KeptArchive& back = kept.emplace_back();
        back.step = way_back(step);
        if (step.from_version.empty()) {
            continue;
        }
        const RpmEntry* entry = find_entry(now, step, step.from_version);
        if (entry == nullptr) {
            return failure(
                ErrorKind::Conflict,
                "apply.host_changed",
                step.name + " " + step.from_version + " is not what is installed");
        }
        const std::string file_name = rpm_label(step, step.from_version) + ".rpm";
        std::string target = place;
        target.append("/").append(file_name);
        if (take_from_caches(cached, *entry, target)) {
            back.obtained = "cache";
            THIMBLE_TRY(back.step.archive, describe_archive(place, file_name));
            continue;
        }
        missing.push_back({.entry = *entry, .at = kept.size() - 1, .file_name = file_name});
        wanted.push_back({.package = entry->package, .sha256 = {}, .file_name = file_name});
    }
    if (missing.empty()) {
        return kept;
    }
    const auto fetched = fetch_wanted(wanted, place);
    for (const ToKeep& one : missing) {
        if (!fetched || !is_archive_of(place + "/" + one.file_name, one.entry)) {
            const Error error = not_kept(one.entry.package);
            return fetched ? error : because(error.message, fetched.error());
        }
        kept[one.at].obtained = "repository";
        THIMBLE_TRY(kept[one.at].step.archive, describe_archive(place, one.file_name));
    }
    return kept;
}

}  // namespace thimble::apply
