#pragma once
/// @file Which package manager a host has, and what it needs of us.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/host.hpp"

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace thimble::cli {

/// How a host is worked on.
struct WorkPlace {
    std::filesystem::path state;    ///< our state directory
    std::filesystem::path scratch;  ///< a folder of ours for this host
    bool enclosed = false;  ///< the host is an enclosure: it sees our tools at /run/thimble/
    bool bare = false;      ///< a directory without the program: ours works on it from without
};

/// A package manager that Thimble can patch with.
struct PackageManagerKind {
    std::string_view name;
    bool (*is_there)(host::Host& host);
    /// Its program, which a directory has to have to be worked on from within; empty: it always has it.
    const char* program;
    /// What an enclosure has to see. @error Unavailable "cli.program_missing"
    Result<std::vector<host::EnclosureBind>> (*tools)(const WorkPlace& place);
    /// @error Unavailable "cli.program_missing"
    Result<std::unique_ptr<apply::PackageManager>> (*make)(
        host::Host& host, const WorkPlace& place);
};

/// Whether a directory lacks the program of its package manager.
bool is_bare(host::Host& host, const PackageManagerKind& kind);

/// The package manager of a host, by what the host has.
/// @error Unsupported "apply.no_package_manager"
Result<const PackageManagerKind*> find_package_manager(host::Host& host);

}  // namespace thimble::cli
