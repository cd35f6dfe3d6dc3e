#include "archive_fetch.hpp"

#include "configure.hpp"
#include "origins.hpp"
#include "own_archive.hpp"
#include "thimble/apply/apt_request.hpp"

#include <apt-pkg/acquire-item.h>
#include <apt-pkg/acquire.h>
#include <apt-pkg/cachefile.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/hashes.h>
#include <apt-pkg/indexfile.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgrecords.h>
#include <apt-pkg/sourcelist.h>
#include <apt-pkg/strutl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {
namespace {

namespace fs = std::filesystem;
using apply::FetchedArchive;
using apply::FetchEnding;
using apply::WantedArchive;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Tells how far it is, and ends the fetching at the deadline.
class FetchStatus final : public pkgAcquireStatus {
public:
    explicit FetchStatus(const FetchPlace& place) : place_(place) {}

    bool MediaChange(std::string /*media*/, std::string /*drive*/) override { return false; }

    void Fetch(pkgAcquire::ItemDesc& item) override { now_ = item.ShortDesc; }

    bool Pulse(pkgAcquire* owner) override {
        pkgAcquireStatus::Pulse(owner);
        tell();
        return std::chrono::steady_clock::now() < place_.deadline;
    }

private:
    void tell() const {
        if (place_.status_descriptor < 0 || TotalBytes == 0) {
            return;
        }
        const auto done = std::min<std::uint64_t>(CurrentBytes, TotalBytes);
        const std::string line =
            std::to_string(done * 1000 / TotalBytes) + "\tfetching " + now_ + "\n";
        // Nobody listens any more: no reason to stop.
        [[maybe_unused]] const auto written =
            ::write(place_.status_descriptor, line.data(), line.size());
    }

    const FetchPlace& place_;
    std::string now_;
};

/// apt's item, which keeps the machine-readable reason of a failure.
class ArchiveItem final : public pkgAcqArchive {
public:
    ArchiveItem(
        pkgAcquire& owner,
        pkgCacheFile& cache,
        pkgRecords& records,
        const pkgCache::VerIterator& version,
        std::string& path)
        : pkgAcqArchive(&owner, cache.GetSourceList(), &records, version, path) {}

    void Failed(const std::string& message, const pkgAcquire::MethodConfig* config) override {
        reason_ = LookupTag(message, "FailReason");
        pkgAcqArchive::Failed(message, config);
    }

    [[nodiscard]] const std::string& reason() const { return reason_; }

private:
    std::string reason_;
};

constexpr std::array<std::string_view, 6> kNetworkReasons{
    "ConnectionRefused",
    "ConnectionTimedOut",
    "Timeout",
    "ResolveFailure",
    "TmpResolveFailure",
    "SOCKS"};

FetchEnding ending_of(const ArchiveItem& item) {
    const std::string& reason = item.reason();
    if (item.Status == pkgAcquire::Item::StatAuthError || reason == "MaximumSizeExceeded"
        || reason == "WeakHashSums") {
        return FetchEnding::WrongDigest;
    }
    if (reason == "HttpError404" || reason == "HttpError410") {
        return FetchEnding::VersionGone;
    }
    if (item.Status == pkgAcquire::Item::StatTransientNetworkError
        || reason.starts_with("HttpError5")
        || std::ranges::find(kNetworkReasons, reason) != kNetworkReasons.end()) {
        return FetchEnding::Unreachable;
    }
    return FetchEnding::Failed;
}

std::string one_line(std::string text) {
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    std::ranges::replace(text, '\n', ' ');
    return text;
}

std::uint64_t free_bytes(const std::string& folder) {
    struct statvfs status{};
    if (::statvfs(folder.c_str(), &status) != 0) {
        return 0;
    }
    return std::uint64_t{status.f_bavail} * status.f_frsize;
}

class Fetching {
public:
    Fetching(pkgCacheFile& cache, const std::vector<WantedArchive>& wanted, const FetchPlace& place)
        : cache_(cache), place_(place), records_(cache), wanted_(wanted) {
        answers_.resize(wanted.size());
        versions_.resize(wanted.size());
        paths_.resize(wanted.size());
    }

    std::vector<FetchedArchive> run() {
        for (std::size_t at = 0; at < wanted_.size(); ++at) {
            answers_[at].file_name = wanted_[at].file_name;
            find(at);
        }
        if (has_room()) {
            fetch();
        }
        return std::move(answers_);
    }

private:
    void end(std::size_t at, FetchEnding ending, std::string why) {
        answers_[at].ending = ending;
        answers_[at].why = std::move(why);
    }

    /// The version that is asked for, with the digest that is asked for.
    void find(std::size_t at) {
        const auto& [package, sha256, file_name] = wanted_[at];
        const auto found = package.architecture == "all"
            ? cache_.GetPkgCache()->FindPkg(package.name)
            : cache_.GetPkgCache()->FindPkg(package.name, package.architecture);
        end(at,
            FetchEnding::VersionGone,
            package.name + " " + package.version + " is offered by no repository");
        if (found.end()) {
            return;
        }
        for (auto version = found.VersionList(); !version.end(); ++version) {
            if (package.version != version_of(version) || !version.Downloadable()) {
                continue;
            }
            read_record(at, version);
            if (sha256.empty() || sha256 == answers_[at].sha256) {
                choose(at, version);
                return;
            }
            end(at,
                FetchEnding::WrongDigest,
                "the index now tells another SHA-256 of " + package.name + " " + package.version);
        }
    }

    void choose(std::size_t at, const pkgCache::VerIterator& version) {
        const auto origins = origins_of(version, *cache_.GetSourceList());
        if (wanted_[at].sha256.empty()
            && std::ranges::none_of(origins, &model::OfferOrigin::trusted)) {
            end(at, FetchEnding::Untrusted, "no repository signed by a trusted key offers it");
            return;
        }
        end(at, FetchEnding::Failed, "not fetched within the time limit");
        versions_[at] = version;
    }

    void read_record(std::size_t at, const pkgCache::VerIterator& version) {
        for (auto file = version.FileList(); !file.end(); ++file) {
            pkgIndexFile* index = nullptr;
            if (!is_from_repository(file.File())
                || !cache_.GetSourceList()->FindIndex(file.File(), index)) {
                continue;
            }
            pkgRecords::Parser& record = records_.Lookup(file);
            const HashStringList hashes = record.Hashes();
            const HashString* digest = hashes.find("SHA256");
            answers_[at].sha256 = digest == nullptr ? std::string() : digest->HashValue();
            answers_[at].uri = index->ArchiveURI(record.FileName());
            answers_[at].size = version->Size;
            return;
        }
    }

    bool has_room() {
        std::uint64_t needed = 0;
        for (std::size_t at = 0; at < versions_.size(); ++at) {
            needed += versions_[at].end() ? 0 : answers_[at].size;
        }
        if (needed <= free_bytes(place_.folder)) {
            return true;
        }
        for (std::size_t at = 0; at < versions_.size(); ++at) {
            if (!versions_[at].end()) {
                end(at,
                    FetchEnding::NoSpace,
                    place_.folder + " has no room for " + std::to_string(needed) + " bytes");
            }
        }
        return false;
    }

    void fetch() {
        FetchStatus status(place_);
        pkgAcquire acquire(&status);
        if (!acquire.GetLock(place_.folder)) {
            const std::string why = take_apt_errors();
            for (std::size_t at = 0; at < versions_.size(); ++at) {
                if (!versions_[at].end()) {
                    end(at, FetchEnding::Failed, why);
                }
            }
            return;
        }
        std::vector<const ArchiveItem*> items(versions_.size());
        for (std::size_t at = 0; at < versions_.size(); ++at) {
            if (!versions_[at].end() && !take_from_root(at)) {
                // The queue owns it, and it keeps a reference to the path.
                items[at] = new ArchiveItem(acquire, cache_, records_, versions_[at], paths_[at]);
            }
        }
        acquire.Run(100'000);
        for (std::size_t at = 0; at < items.size(); ++at) {
            if (items[at] != nullptr) {
                finish(at, *items[at]);
            }
        }
        take_apt_errors();
    }

    /// @return whether a source of the root that is a folder of it has to have it
    bool take_from_root(std::size_t at) {
        const std::string path = place_.root.empty() ? "" : own_path(answers_[at].uri);
        if (path.empty()) {
            return false;
        }
        answers_[at] = copy_own_archive(place_.root, path, answers_[at], place_.folder);
        return true;
    }

    void finish(std::size_t at, const ArchiveItem& item) {
        if (item.Status != pkgAcquire::Item::StatDone || !item.Complete) {
            const bool out_of_time = std::chrono::steady_clock::now() >= place_.deadline;
            if (out_of_time && item.ErrorText.empty()) {
                end(at, FetchEnding::Unreachable, "not fetched within the time limit");
            } else {
                end(at,
                    free_bytes(place_.folder) == 0 ? FetchEnding::NoSpace : ending_of(item),
                    one_line(item.ErrorText));
            }
            return;
        }
        const fs::path target = fs::path(place_.folder) / wanted_[at].file_name;
        std::error_code error;
        if (fs::path(paths_[at]).parent_path() == fs::path(place_.folder)) {
            fs::rename(paths_[at], target, error);
        } else {  // of a local repository, which keeps its file
            fs::copy_file(paths_[at], target, fs::copy_options::overwrite_existing, error);
        }
        if (error) {
            end(at,
                error == std::errc::no_space_on_device ? FetchEnding::NoSpace : FetchEnding::Failed,
                error.message());
            return;
        }
        end(at, FetchEnding::Done, "");
    }

    pkgCacheFile& cache_;
    const FetchPlace& place_;
    pkgRecords records_;
    const std::vector<WantedArchive>& wanted_;
    std::vector<FetchedArchive> answers_;
    std::vector<pkgCache::VerIterator> versions_;  // end: not to be fetched
    std::vector<std::string> paths_;
};

void set_patience() {
    _config->Set("Acquire::Retries", "2");
    _config->Set("Acquire::http::Timeout", "20");
    _config->Set("Acquire::https::Timeout", "20");
    _config->Set("Acquire::ftp::Timeout", "20");
}

}  // namespace

std::vector<FetchedArchive> fetch_archives(
    pkgCacheFile& cache, const std::vector<WantedArchive>& wanted, const FetchPlace& place) {
    set_patience();
    if (!place.root.empty()) {
        fetch_nothing_of_this_machine();
    }
    _config->Set("Dir::Cache::archives", place.folder + "/");
    std::error_code error;
    fs::create_directory(fs::path(place.folder) / "partial", error);
    auto answers = Fetching(cache, wanted, place).run();
    fs::remove(fs::path(place.folder) / "partial", error);  // stays while something is in it
    return answers;
}

}  // namespace thimble::inventory::apt
