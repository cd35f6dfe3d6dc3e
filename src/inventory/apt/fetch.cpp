#include "fetch.hpp"

#include "configure.hpp"

#include <apt-pkg/acquire-item.h>
#include <apt-pkg/acquire.h>
#include <apt-pkg/cachefile.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgrecords.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace thimble::inventory::apt {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Ends the fetching at the deadline.
class DeadlineStatus final : public pkgAcquireStatus {
public:
    explicit DeadlineStatus(SteadyTime deadline)
        : deadline_(deadline), shows_(::isatty(STDERR_FILENO) == 1) {}

    bool MediaChange(std::string /*media*/, std::string /*drive*/) override { return false; }

    bool Pulse(pkgAcquire* owner) override {
        pkgAcquireStatus::Pulse(owner);
        if (shows_) {
            std::fprintf(stderr, "\rReading changelogs: %lu of %lu ", CurrentItems, TotalItems);
        }
        return std::chrono::steady_clock::now() < deadline_;
    }

    void Stop() override {
        pkgAcquireStatus::Stop();
        if (shows_) {
            std::fputs("\r\x1b[K", stderr);
        }
    }

private:
    SteadyTime deadline_;
    bool shows_;
};

void set_patience() {
    _config->Set("Acquire::Retries", "0");
    _config->Set("Acquire::http::Timeout", "10");
    _config->Set("Acquire::https::Timeout", "10");
    _config->Set("Acquire::ftp::Timeout", "10");
}

}  // namespace

std::vector<Fetched> fetch(
    pkgCacheFile& cache,
    const std::vector<pkgCache::VerIterator>& versions,
    const std::string& folder,
    SteadyTime deadline) {
    std::vector<Fetched> fetched(versions.size());
    set_patience();
    _config->Set("Dir::Cache::archives", folder + "/archives/");
    std::error_code error;
    std::filesystem::create_directories(folder + "/archives/partial", error);
    DeadlineStatus status(deadline);
    pkgAcquire acquire(&status);
    if (!acquire.GetLock(folder + "/archives/")) {
        const std::string why = take_apt_errors();
        for (Fetched& one : fetched) {
            one.why = why;
        }
        return fetched;
    }
    pkgRecords records(cache);
    std::vector<const pkgAcquire::Item*> items;
    items.reserve(versions.size());
    for (std::size_t at = 0; at < versions.size(); ++at) {
        // The queue owns it, and keeps a reference to the path.
        items.push_back(new pkgAcqArchive(
            &acquire, cache.GetSourceList(), &records, versions[at], fetched[at].path));
    }
    acquire.Run(100'000);
    for (std::size_t at = 0; at < items.size(); ++at) {
        if (items[at]->Status != pkgAcquire::Item::StatDone || !items[at]->Complete) {
            fetched[at].path.clear();
            fetched[at].why = items[at]->ErrorText.empty() ? "not fetched within the time limit"
                                                           : items[at]->ErrorText;
        } else {
            fetched[at].is_copy = std::filesystem::path(fetched[at].path).parent_path()
                == std::filesystem::path(folder) / "archives";
        }
    }
    take_apt_errors();
    return fetched;
}

}  // namespace thimble::inventory::apt
