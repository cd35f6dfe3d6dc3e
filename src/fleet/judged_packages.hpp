#pragma once
/// @file What of a host's packages its advisories can judge: what the fleet index keeps of it. Pure.

#include "thimble/assess/host_sections.hpp"
#include "thimble/model/inventory.hpp"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::fleet {

/// One package in the terms of the catalog, as assess::Subject has it. Binary packages of one source
/// and one version are one.
struct JudgedPackage {
    std::string section;  ///< the one that judges it; empty: those of the host's release
    std::string name;
    std::string version;
    std::string source_name;  ///< asked for where no section names `name`; empty: never
    std::string source_version;
    std::string architecture;
    std::string module_stream;
    auto operator<=>(const JudgedPackage&) const = default;
};

/// What the changelog of a pending update names for a package: open where no section that judges the
/// package has a word on it.
struct JudgedChangelog {
    JudgedPackage package;
    std::string to_version;
    std::vector<std::string>
        vulnerabilities;  ///< ids, sorted, each once; none of another one of the package
    auto operator<=>(const JudgedChangelog&) const = default;
};

/// The packages of one host, or of many that are equal.
struct JudgedPackages {
    std::vector<assess::SectionName> release;  ///< the sections that speak for it
    std::vector<JudgedPackage> packages;       ///< sorted, each once
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns where it is left out
    std::vector<JudgedChangelog> changelogs = {};  ///< sorted, each once
    bool has_unread_changelogs = false;            ///< assess::has_unread_changelogs
    bool operator==(const JudgedPackages&) const = default;
};

/// Leaves out what nobody judges: builds of third parties and kernels that do not run. Changelogs speak of these, too.
/// O(packages log packages + packages × changelogs).
JudgedPackages judged_packages(const model::Inventory& inventory);

/// Hosts with equal keys have equal judged packages.
/// @param package_list  digest of the list of packages of `inventory`, which itself need not have them
std::string list_key(std::string_view package_list, const model::Inventory& inventory);

}  // namespace thimble::fleet
