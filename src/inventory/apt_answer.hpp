#pragma once
/// @file What thimble-apt answers: one JSON document, written by it and read by inventory.

#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/inventory.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// More than any package has; sums of such sizes stay numbers.
constexpr std::uint64_t kMaxPackageBytes = std::uint64_t{1} << 43;

/// Offers, evidence and the state of the index, as thimble-apt found them.
struct AptAnswer {
    model::PackageIndex index;
    std::vector<model::Offer> offers;
    std::vector<model::ChangelogEvidence> changelogs;
    std::vector<model::Gap> gaps;
    bool operator==(const AptAnswer&) const = default;
};

std::string format_apt_answer(const AptAnswer& answer);

/// @error Corrupt "inventory.bad_apt_answer"
Result<AptAnswer> parse_apt_answer(std::string_view text);

/// The same of a value within a larger document.
/// @error Corrupt "base.bad_json"
Result<AptAnswer> read_apt_answer(const JsonValue& value);

/// One piece of evidence by itself, as it is cached.
std::string format_changelog_evidence(const model::ChangelogEvidence& evidence);

/// @error Corrupt "inventory.bad_apt_answer"
Result<model::ChangelogEvidence> parse_changelog_evidence(std::string_view text);

}  // namespace thimble::inventory
