#pragma once
/// @file Where the files of the versions before lay. A process may use one that no package lists any more.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::verify {

/// Its name in the folder of a run.
inline constexpr std::string_view kOldFiles = "old_files.json";

/// What a package listed before it was changed, without what no process loads: documentation, headers, sources, firmware,
/// modules of kernels, which a boot tells of.
struct OldFiles {
    std::string package;
    std::string architecture;
    std::set<std::string> paths;
    bool operator==(const OldFiles&) const = default;
};

/// What the packages that a plan changes or removes list now, with the places of what is diverted. A package whose list cannot be
/// read is left out. By the order of the steps; of rpm's, by its own.
std::vector<OldFiles> read_old_files(host::Host& host, const model::Plan& plan);

/// JSON, `thimble.old-files/1` (docs/formats/run.md).
std::string format_old_files(const std::vector<OldFiles>& all);
/// @error Corrupt "verify.bad_old_files"
Result<std::vector<OldFiles>> parse_old_files(std::string_view text);

}  // namespace thimble::verify
