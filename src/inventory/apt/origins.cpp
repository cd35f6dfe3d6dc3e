#include "origins.hpp"

#include "thimble/model/inventory.hpp"
#include "thimble/model/security_archive.hpp"
#include "thimble/model/zero_epoch.hpp"

#include <apt-pkg/indexfile.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/sourcelist.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {

std::string text_or_empty(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

std::string version_of(const pkgCache::VerIterator& version) {
    return std::string(model::without_zero_epoch(text_or_empty(version.VerStr())));
}

bool is_security_archive(const pkgCache::PkgFileIterator& file) {
    model::OfferOrigin archive;
    archive.label = text_or_empty(file.Label());
    archive.archive = text_or_empty(file.Archive());
    archive.codename = text_or_empty(file.Codename());
    return model::is_security_archive(archive);
}

bool is_from_repository(const pkgCache::PkgFileIterator& file) {
    return !file.Flagged(pkgCache::Flag::NotSource);
}

std::vector<model::OfferOrigin> origins_of(
    const pkgCache::VerIterator& version, const pkgSourceList& sources) {
    std::vector<model::OfferOrigin> origins;
    for (auto at = version.FileList(); !at.end(); ++at) {
        const auto file = at.File();
        if (!is_from_repository(file)) {
            continue;
        }
        model::OfferOrigin origin{
            .origin = text_or_empty(file.Origin()),
            .label = text_or_empty(file.Label()),
            .archive = text_or_empty(file.Archive()),
            .codename = text_or_empty(file.Codename()),
            .component = text_or_empty(file.Component()),
            .site = text_or_empty(file.Site()),
            .trusted = false,
        };
        pkgIndexFile* index = nullptr;
        origin.trusted = sources.FindIndex(file, index) && index->IsTrusted();
        if (std::ranges::find(origins, origin) == origins.end()) {
            origins.push_back(std::move(origin));
        }
    }
    return origins;
}

}  // namespace thimble::inventory::apt
