#include "thimble/cli/catalog_diagnosis.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/catalog/catalog.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace thimble::cli {
namespace {

constexpr const char* kSync = "thimble feeds sync";

Diagnosis of_catalog(Condition condition, std::string detail) {
    const bool is_well = condition == Condition::Well;
    return {"catalog", condition, std::move(detail), is_well ? "" : kSync};
}

/// "kev is 100 d old (…), epss …": the first ones, and how many more there are.
std::string stale_words(const std::vector<catalog::Source>& sources, Instant now) {
    constexpr std::size_t kMostNamed = 3;
    std::size_t count = 0;
    std::string words;
    for (const catalog::Source& source : sources) {
        const std::string stale = catalog::staleness(source, now);
        if (!stale.empty() && ++count <= kMostNamed) {
            words.append(words.empty() ? "" : "; ").append(source.feed).append(" ").append(stale);
        }
    }
    return count > kMostNamed ? words + "; and " + std::to_string(count - kMostNamed) + " more"
                              : words;
}

}  // namespace

Diagnosis diagnose_catalog(const std::string& path, Instant now) {
    const auto catalog = catalog::Catalog::open(path);
    if (!catalog) {
        return catalog.error().kind == ErrorKind::NotFound
            ? of_catalog(Condition::Limited, "no catalog of advisories yet")
            : of_catalog(Condition::Missing, catalog.error().text());
    }
    const auto sources = catalog->sources();
    if (!sources) {
        return of_catalog(Condition::Missing, sources.error().text());
    }
    if (std::string stale = stale_words(*sources, now); !stale.empty()) {
        return of_catalog(Condition::Limited, path + " is stale: " + std::move(stale));
    }
    if (std::ranges::find(*sources, "kev", &catalog::Source::feed) == sources->end()) {
        return of_catalog(
            Condition::Limited, path + " was built without KEV: what is exploited is not known");
    }
    return of_catalog(
        Condition::Well,
        path + ", of " + counted(sources->size(), "feed") + ", each within its budget");
}

}  // namespace thimble::cli
