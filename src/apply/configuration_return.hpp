#pragma once
/// @file The configuration of one run's packages: kept before, looked at after, put back on the way back.

#include "thimble/apply/configuration.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// What a way back has made of the configuration files.
struct ConfigurationBack {
    std::vector<std::string> put_back;
    std::vector<std::string> taken_away;  ///< the run had brought them
    std::vector<std::string> left;      ///< somebody has changed them since, and has the last word
    std::vector<std::string> not_seen;  ///< neither files nor links, or too large: nothing is known
    std::string
        replaced;  ///< the document of what was there before the way back; empty: nothing was
    bool operator==(const ConfigurationBack&) const = default;
};

/// "put back: /etc/a; taken away: /etc/b; left as somebody has changed it: /etc/c". Empty: nothing of that. Pure.
std::string configuration_words(const ConfigurationBack& back);

/// Those words, and what else is told beside them, in what a run has on record of a way back; empty: there are none. Pure.
std::string_view configuration_words_in(std::string_view detail);

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
    /// Before the way back, once. Keeps what it will replace, as the files before are kept: of an interrupted run nobody can
    /// tell the transaction's own changes from an edit that was made since.
    Result<void> decide();
    /// What an earlier way back has decided does not count. @error Unavailable
    Result<void> forget();
    /// Before the old versions come, and again before every try: takes away the files that only the new versions of packages
    /// that were there have brought. The package manager remembers one that is still there when its package ships it no more,
    /// and once it is gone takes it for removed by the owner: with the next update it would not come.
    Result<void> step_aside();
    /// After a way back that did not arrive: what stepped aside is needed again.
    Result<void> return_aside();
    /// After the way back.
    Result<ConfigurationBack> restore();
    /// After that: the package manager forgets what the run had brought and is gone. What somebody has changed since is not.
    /// @return packages that it still remembers with configuration files
    Result<std::vector<std::string>> forget_brought();

private:
    Result<std::vector<std::string>> paths();
    void keep_replaced(std::span<const std::string> paths);
    /// What decide() has kept so. @error Corrupt "apply.bad_configuration"; Denied
    [[nodiscard]] Result<std::vector<KeptFile>> replaced() const;
    /// What a run has brought and a way back takes away, as it was found; of the files of `paths`.
    Result<std::vector<KeptFile>> brought(std::span<const std::string> paths) const;

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
