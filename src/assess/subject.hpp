#pragma once
/// @file What the catalog is asked about one installed package, and who may answer. Pure.

#include "thimble/model/inventory.hpp"

#include <cstdint>
#include <string>

namespace thimble::assess {

enum class SubjectKind : std::uint8_t {
    Distribution,  ///< the sections of the host's release judge it
    Backport,      ///< the section of the release that it was built from
    Language,      ///< the section of its ecosystem
    ThirdParty,    ///< nobody: somebody else built it
    IdleKernel,    ///< nobody: a kernel package, and not the kernel that runs
};

/// One package in the terms of the catalog.
struct Subject {
    SubjectKind kind = SubjectKind::Distribution;
    std::string section;  ///< of Backport and Language: its key; empty for the others
    std::string name;     ///< folded as the ecosystem folds names
    std::string version;
    /// Of rpm: what is asked for where no section names `name`; empty for the others.
    std::string source_name;
    std::string source_version;
    bool operator==(const Subject&) const = default;
};

/// @param runs  whether it is the image of the running kernel (choose_kernel)
Subject subject_of(const model::OsRelease& os, const model::InstalledPackage& package, bool runs);

}  // namespace thimble::assess
