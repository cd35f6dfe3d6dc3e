#pragma once
/// @file Records as the builder keeps them until it builds: strings interned, dates as days.

#include "thimble/base/instant.hpp"
#include "thimble/catalog/format.hpp"
#include "thimble/catalog/interner.hpp"
#include "thimble/model/advisory.hpp"
#include "thimble/model/vulnerability.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace thimble::catalog {

struct CollectedEvent {
    model::RangeEvent::Kind kind = model::RangeEvent::Kind::Introduced;
    bool from_start = false;
    std::uint32_t version = 0;  // interned
};

using CollectedRange = std::vector<CollectedEvent>;

struct CollectedAffected {
    std::uint32_t advisory = 0;  // index
    model::Claim claim = model::Claim::Affected;
    bool unimportant = false;
    std::uint32_t module_stream = 0;
    std::uint32_t architecture = 0;
    std::vector<CollectedRange> ranges;
    std::vector<std::uint32_t> versions;
};

struct CollectedAdvisory {
    std::uint32_t id = 0;
    std::uint32_t feed = 0;
    std::uint32_t summary = 0;
    std::int32_t published_day = format::kNoDay;
    std::int32_t modified_day = format::kNoDay;
    std::int32_t withdrawn_day = format::kNoDay;
    model::Authority authority = model::Authority::Database;
    std::vector<std::uint32_t> vulnerabilities;
};

struct CollectedFacts {
    std::optional<model::KevEntry> kev;
    std::optional<model::EpssScore> epss;
    std::optional<model::SsvcPoints> ssvc;
    std::set<std::string> cvss_vectors;
    std::set<std::string> labels;  // severity words of vendors
    std::set<std::pair<std::uint32_t, std::uint32_t>> exploits;
    std::uint32_t summary = 0;
    std::int32_t published_day = format::kNoDay;
    bool rejected = false;
};

/// Package name → what the records say of it, for one ecosystem release.
using CollectedSection = std::map<std::string, std::vector<CollectedAffected>>;

/// Everything that one build works on.
struct Collection {
    Interner strings;
    std::vector<CollectedAdvisory> advisories;
    std::vector<CollectedFacts> facts;                            // by fact number
    std::unordered_map<std::string, std::uint32_t> fact_numbers;  // vulnerability id → fact number
    std::vector<std::string> fact_ids;
    std::map<std::string, CollectedSection> sections;
};

/// Days since 1970 of an optional instant; kNoDay when absent.
inline std::int32_t day_of(const std::optional<Instant>& instant) {
    if (!instant) {
        return format::kNoDay;
    }
    return static_cast<std::int32_t>(std::chrono::floor<Days>(*instant).time_since_epoch().count());
}

}  // namespace thimble::catalog
