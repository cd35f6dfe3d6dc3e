#pragma once
/// @file The configuration of one run's packages: kept before, looked at after, put back on the way back.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// Works between the host's root and the folder of kept archives, and survives a kill at any instant:
/// what is to be put back is written down before the way back begins.
class ConfigurationReturn {
public:
    ConfigurationReturn(
        PackageManager& packages,
        std::string root,
        std::string archives,
        std::string folder,
        std::span<const model::PlannedStep> steps)
        : packages_(packages),
          root_(std::move(root)),
          archives_(std::move(archives)),
          folder_(std::move(folder)),
          steps_(steps) {}

    /// Before the transaction. @error Denied, Unavailable
    Result<void> keep();
    /// After the transaction: what later differs from this was changed by somebody else.
    Result<void> look_after();
    /// Before the way back, once.
    Result<void> decide();
    /// What an earlier way back has decided does not count. @error Unavailable
    Result<void> forget();
    /// After the way back. @return the paths that were put back
    Result<std::vector<std::string>> restore();

private:
    Result<std::vector<std::string>> paths();

    PackageManager& packages_;
    std::string root_;
    std::string archives_;
    std::string folder_;
    std::span<const model::PlannedStep> steps_;
};

/// What the transaction forward of a run has left beside configuration files, from what the run keeps; none where it was killed
/// before it could look.
/// @param folder  of the run's kept archives
/// @error Corrupt "apply.bad_configuration"; Denied
Result<std::vector<std::string>> files_left_beside(const std::string& folder);

}  // namespace thimble::apply
