#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/apt_request.hpp"
#include "thimble/apply/deb_archive.hpp"
#include "thimble/apply/deb_names.hpp"
#include "thimble/apply/deb_repack.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/apply/fetched_archives.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/way_back.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/model/plan.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSums = std::size_t{64} << 20;

/// As apt names its files: "_" and ":" are written as %5f and %3a.
std::string cache_name(const DpkgEntry& entry) {
    std::string name = entry.name + "_";
    for (const char c : entry.version) {
        if (c == ':') {
            name += "%3a";
        } else if (c == '_') {
            name += "%5f";
        } else {
            name += c;
        }
    }
    return name + "_" + entry.architecture + ".deb";
}

/// What dpkg noted of the files of an installed package; empty: nothing.
std::string recorded_sums(host::Host& host, const DpkgEntry& entry) {
    for (const std::string& name : {entry.name + ":" + entry.architecture, entry.name}) {
        const auto sums = host.read_file("/var/lib/dpkg/info/" + name + ".md5sums", kMaxSums);
        if (sums) {
            return *sums;
        }
    }
    return {};
}

/// Whether an archive is what the package was installed from: same package, same version, and the same
/// sums of its files.
bool is_archive_of(host::Host& host, const std::string& path, const DpkgEntry& entry) {
    const auto control = read_deb_control(path);
    return control && control->name == entry.name && control->version == entry.version
        && control->architecture == entry.architecture
        && control->md5sums == recorded_sums(host, entry);
}

/// The most that an archive of the package can have: what it installs, uncompressed, of which each file counts as 1 KiB at least and has
/// headers of less than three, and its control files. dpkg notes no size of archives.
/// @source deb-substvars(5), Installed-Size
std::uint64_t most_archive_bytes(const DpkgEntry& entry) {
    constexpr std::string_view kField = "Installed-Size:";
    constexpr std::uint64_t kMostKiB = std::uint64_t{1} << 40;
    constexpr std::uint64_t kOfControl = std::uint64_t{16} << 20;
    constexpr std::uint64_t kWithHeaders = std::uint64_t{4} << 10;
    Lines lines(entry.stanza);
    for (std::string_view line; lines.next(line);) {
        if (line.starts_with(kField)) {
            const auto installed =
                number_in<std::uint64_t>(trimmed(line.substr(kField.size()))).value_or(0);
            return std::min(installed, kMostKiB) * kWithHeaders + kOfControl;
        }
    }
    return kOfControl;
}

/// Where apt has the archive in its own cache, as the host sees it; empty: nowhere.
std::string cached_archive(host::Host& host, const DpkgEntry& entry) {
    const std::string path = "/var/cache/apt/archives/" + cache_name(entry);
    const auto info = host.look(path, host::Follow::No);
    const bool can_be_it =
        info && info->type == host::FileType::Regular && info->size <= most_archive_bytes(entry);
    return can_be_it ? path : std::string();
}

/// Copies what is open, of which no more than `most` bytes are to be there.
bool copy_bytes(const host::Descriptor& from, const std::string& target, std::uint64_t most) {
    constexpr mode_t kPrivate = 0600;
    const host::Descriptor to(
        ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kPrivate));
    std::uint64_t left = most + 1;
    while (to.number() >= 0 && left > 0) {
        const ssize_t copied = ::sendfile(to.number(), from.number(), nullptr, left);
        if (copied < 0 && errno == EINTR) {
            continue;
        }
        if (copied <= 0) {
            return copied == 0;
        }
        left -= static_cast<std::uint64_t>(copied);
    }
    return false;
}

/// The cache is the host's, which may have anything there, or change it meanwhile.
bool take_from_cache(host::Host& host, const DpkgEntry& entry, const std::string& target) {
    const std::string path = cached_archive(host, entry);
    if (path.empty()) {
        return false;
    }
    const host::Descriptor root(
        ::open(host.local_root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const auto archive = host::open_beneath(root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    struct stat status{};
    const bool is_file =
        archive && ::fstat(archive->number(), &status) == 0 && S_ISREG(status.st_mode);
    if (is_file && copy_bytes(*archive, target, most_archive_bytes(entry))
        && is_archive_of(host, target, entry)) {
        return true;
    }
    std::error_code error;
    fs::remove(target, error);  // it may fill the disk
    return false;
}

bool take_from_fetched(
    host::Host& host, const std::string& path, const DpkgEntry& entry, const std::string& target) {
    std::error_code error;
    fs::copy_file(path, target, fs::copy_options::overwrite_existing, error);
    return !error && is_archive_of(host, target, entry);
}

}  // namespace

/// Which of them a repository still had.
std::vector<bool> AptPackages::fetch_missing(
    const std::vector<ToKeep>& missing, const std::string& folder) {
    std::vector<bool> done(missing.size(), false);
    if (missing.empty()) {
        return done;
    }
    std::vector<WantedArchive> wanted;
    wanted.reserve(missing.size());
    for (const ToKeep& one : missing) {
        wanted.push_back(
            {.package = {one.entry->name, one.entry->architecture, one.entry->version},
             .sha256 = {},
             .file_name = one.file_name});
    }
    const auto fetched = fetch_wanted(wanted, folder, {});
    for (std::size_t at = 0; fetched && at < std::min(done.size(), fetched->size()); ++at) {
        done[at] = (*fetched)[at].ending == FetchEnding::Done;
    }
    return done;
}

/// Whether an archive was fetched ahead.
bool AptPackages::was_fetched(const DpkgEntry& entry, const std::string& file_name) {
    const std::string path = places_.fetched + "/" + file_name;
    std::error_code error;
    return !places_.fetched.empty() && fs::is_regular_file(path, error)
        && is_archive_of(host_, path, entry);
}

/// Takes an archive from where it needs no repository.
/// @return where that was: "cache", or "repository", which it was fetched from ahead; empty: nowhere
std::string AptPackages::take_from_here(
    const DpkgEntry& entry, const std::string& file_name, const std::string& folder) {
    const std::string target = folder + "/" + file_name;
    if (take_from_cache(host_, entry, target)) {
        return "cache";
    }
    return !places_.fetched.empty()
            && take_from_fetched(host_, places_.fetched + "/" + file_name, entry, target)
        ? "repository"
        : "";
}

void AptPackages::fetch_current(std::span<const model::PlannedStep> steps) {
    const auto database = read_dpkg_database(host_);
    if (!database || places_.fetched.empty()) {
        return;
    }
    std::vector<ToKeep> missing;
    for (const model::PlannedStep& step : steps) {
        const DpkgEntry* entry =
            step.from_version.empty() ? nullptr : database->find(step.name, step.architecture);
        if (entry == nullptr || entry->version != step.from_version || !entry->is_present()) {
            continue;
        }
        std::string file_name = archive_file_name(entry->name, entry->version, entry->architecture);
        if (cached_archive(host_, *entry).empty() && !was_fetched(*entry, file_name)) {
            missing.push_back({.entry = entry, .at = 0, .file_name = std::move(file_name)});
        }
    }
    fetch_missing(missing, places_.fetched);
}

Result<std::vector<KeptArchive>> AptPackages::keep_current(
    std::span<const model::PlannedStep> steps, const std::string& folder) {
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    std::error_code error;
    fs::create_directories(folder, error);
    std::vector<KeptArchive> kept;
    kept.reserve(steps.size());
    std::vector<ToKeep> missing;
    for (const model::PlannedStep& step : steps) {
        KeptArchive& back = kept.emplace_back();
        back.step = way_back(step);
        if (step.from_version.empty()) {
            continue;
        }
        const DpkgEntry* entry = database.find(step.name, step.architecture);
        if (entry == nullptr || entry->version != step.from_version || !entry->is_present()) {
            return failure(
                ErrorKind::Conflict,
                "apply.host_changed",
                step.name + " " + step.from_version + " is not what is installed");
        }
        back.step.architecture = entry->architecture;
        std::string file_name = archive_file_name(entry->name, entry->version, entry->architecture);
        back.obtained = take_from_here(*entry, file_name, folder);
        if (!back.obtained.empty()) {
            THIMBLE_TRY(back.step.archive, describe_archive(folder, file_name));
        } else {
            missing.push_back(
                {.entry = entry, .at = kept.size() - 1, .file_name = std::move(file_name)});
        }
    }
    // Repositories drop versions, and networks fail: then the installed files will do.
    const std::vector<bool> fetched = fetch_missing(missing, folder);
    std::vector<ToKeep> repacked;
    for (std::size_t at = 0; at < missing.size(); ++at) {
        const ToKeep& one = missing[at];
        kept[one.at].obtained = fetched[at] ? "repository" : "repacked";
        if (!fetched[at]) {
            THIMBLE_TRY(repack(host_, *one.entry, folder + "/" + one.file_name));
            repacked.push_back(one);
        }
        THIMBLE_TRY(kept[one.at].step.archive, describe_archive(folder, one.file_name));
    }
    THIMBLE_TRY(keep_records(repacked, folder));
    return kept;
}

}  // namespace thimble::apply
