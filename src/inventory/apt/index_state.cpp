#include "index_state.hpp"

#include "origins.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/model/inventory.hpp"

#include <apt-pkg/cachefile.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/metaindex.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/sourcelist.h>
#include <apt-pkg/strutl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {
namespace {

std::optional<Instant> modified_at(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        return std::nullopt;
    }
    return Instant(std::chrono::seconds(status.st_mtim.tv_sec));
}

void keep_newest(std::optional<Instant>& newest, std::optional<Instant> other) {
    if (other && (!newest || *newest < *other)) {
        newest = other;
    }
}

/// A refresh that finds nothing new leaves the index files alone and shows in the stamp or in the
/// folders it works in.
std::optional<Instant> refreshed_at() {
    if (const auto stamp =
            modified_at(_config->FindDir("Dir::State") + "periodic/update-success-stamp")) {
        return stamp;
    }
    const std::string lists = _config->FindDir("Dir::State::lists");
    std::optional<Instant> newest;
    keep_newest(newest, modified_at(lists));
    keep_newest(newest, modified_at(lists + "partial"));
    return newest;
}

/// Sources of packages (deb-src) install nothing.
bool has_packages(const metaIndex& repository) {
    return std::ranges::any_of(repository.GetIndexTargets(), [](const IndexTarget& target) {
        return target.Option(IndexTarget::CREATED_BY) == "Packages";
    });
}

/// The release file of a repository, which is there. apt keeps a place for that of every one, also where it was never fetched.
pkgCache::RlsFileIterator fetched_release(const metaIndex& repository, pkgCache& cache) {
    const auto release = repository.FindInCache(cache, false);
    const bool is_there = !release.end() && modified_at(text_or_empty(release.FileName()));
    return is_there ? release : cache.RlsFileEnd();
}

/// A folder of packages may have a list of them and no release file.
bool lists_packages(const metaIndex& repository) {
    return std::ranges::any_of(repository.GetIndexTargets(), [](const IndexTarget& target) {
        return target.Option(IndexTarget::CREATED_BY) == "Packages"
            && !target.Option(IndexTarget::EXISTING_FILENAME).empty();
    });
}

/// What an archive says of itself.
model::OfferOrigin archive_of(
    const metaIndex& repository, const pkgCache::RlsFileIterator& release) {
    return {
        .origin = text_or_empty(release.Origin()),
        .label = text_or_empty(release.Label()),
        .archive = text_or_empty(release.Archive()),
        .codename = text_or_empty(release.Codename()),
        .component = {},
        .site = text_or_empty(release.Site()),
        .trusted = repository.IsTrusted()};
}

template <class Archive>
void add_once(std::vector<Archive>& archives, Archive archive) {
    if (std::ranges::find(archives, archive) == archives.end()) {
        archives.push_back(std::move(archive));
    }
}

void add_archive(
    const metaIndex& repository,
    pkgCache& cache,
    std::vector<model::OfferOrigin>& archives,
    std::vector<model::UnfetchedArchive>& unfetched) {
    if (!has_packages(repository)) {
        return;
    }
    const auto release = fetched_release(repository, cache);
    if (!release.end()) {
        add_once(archives, archive_of(repository, release));
    } else if (lists_packages(repository)) {
        model::OfferOrigin archive;
        archive.archive = repository.GetDist();
        archive.site = ::URI(repository.GetURI()).Host;
        archive.trusted = repository.IsTrusted();
        add_once(archives, std::move(archive));
    } else {
        add_once(
            unfetched,
            {.uri = ::URI::NoUserPassword(repository.GetURI()), .suite = repository.GetDist()});
    }
}

std::string name_of(const metaIndex& repository) {
    return repository.GetURI() + " " + repository.GetDist();
}

/// The instant after which the index may not be believed, by its own word.
std::optional<Instant> valid_until(const metaIndex& repository, const std::string& release_file) {
    const std::unique_ptr<metaIndex> loaded(repository.UnloadedClone());
    if (!loaded || !loaded->Load(release_file, nullptr) || loaded->GetValidUntil() == 0) {
        return std::nullopt;
    }
    return Instant(std::chrono::seconds(loaded->GetValidUntil()));
}

void add_problems(
    const metaIndex& repository, pkgCache& cache, Instant now, model::PackageIndex& index) {
    const auto release = fetched_release(repository, cache);
    if (release.end()) {
        index.problems.push_back("There is no index of " + name_of(repository) + ".");
        return;
    }
    if (!repository.IsTrusted()) {
        index.problems.push_back("The index of " + name_of(repository) + " is not signed.");
    }
    const auto until = valid_until(repository, release.FileName());
    if (until && *until < now && _config->FindB("Acquire::Check-Valid-Until", true)) {
        index.problems.push_back(
            "The index of " + name_of(repository) + " expired on " + format_date(*until) + ".");
    }
}

}  // namespace

model::PackageIndex read_index_state(pkgCacheFile& cache, Instant now) {
    model::PackageIndex index;
    index.asked = true;
    index.refreshed_at = refreshed_at();
    std::vector<model::OfferOrigin>& archives = index.archives.emplace();
    const pkgSourceList* sources = cache.GetSourceList();
    if (sources == nullptr || sources->begin() == sources->end()) {
        index.problems.emplace_back("No repository is configured.");
        return index;
    }
    for (const metaIndex* repository : *sources) {
        add_problems(*repository, *cache.GetPkgCache(), now, index);
        add_archive(*repository, *cache.GetPkgCache(), archives, index.unfetched);
    }
    return index;
}

}  // namespace thimble::inventory::apt
