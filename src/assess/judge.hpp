#pragma once
/// @file One package of the catalog against one installed version. Pure.

#include "thimble/catalog/catalog.hpp"
#include "thimble/model/finding.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::assess {

/// What is asked of a package.
struct Question {
    std::string_view version;  ///< in the terms of the section: source version for dpkg and apk
    std::string_view architecture;   ///< rows for other architectures do not count
    std::string_view module_stream;  ///< rpm modularity; empty: none
};

/// The answer for one vulnerability.
struct Verdict {
    std::uint32_t fact = 0;  ///< index in the section
    model::FindingStatus status = model::FindingStatus::Unknown;
    std::string_view fixed_version;
    std::string_view reason;     ///< stable code; static text
    std::uint32_t advisory = 0;  ///< of the row that decided
    bool withdrawn = false;      ///< the only rows are withdrawn
    bool contradicted = false;   ///< the record contradicts itself
    /// The distribution calls the vulnerability unimportant for this package, whatever is decided of
    /// the version. One of its records that stand suffices; where an erratum alone stands (a fix
    /// silences a tracker that knew none), the tracker's own word is still the word on it.
    bool unimportant = false;
};

/// Hands out one verdict per vulnerability that the section knows for the package, by fact.
/// Vulnerabilities of which only withdrawn rows speak are NotAffected with reason "withdrawn". A
/// version that cannot be ordered is Unknown for every one. O(rows + log boundaries).
void judge_each(
    const catalog::PackageView& package,
    const catalog::Section& section,
    const Question& question,
    const std::function<void(const Verdict&)>& take);

/// The one of these verdicts that is about `fact`; nothing when no row is. O(log rows).
std::optional<Verdict> judge_fact(
    const catalog::PackageView& package,
    const catalog::Section& section,
    const Question& question,
    std::uint32_t fact);

}  // namespace thimble::assess
