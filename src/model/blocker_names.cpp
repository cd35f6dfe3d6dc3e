#include "thimble/model/blocker_names.hpp"

#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace thimble::model {
namespace {

constexpr std::array kNames{
    std::pair{BlockerKind::Hold, std::string_view("hold")},
    std::pair{BlockerKind::Excluded, std::string_view("excluded")},
    std::pair{BlockerKind::TakenBack, std::string_view("taken_back")},
    std::pair{BlockerKind::Phased, std::string_view("phased")},
    std::pair{BlockerKind::OriginNotAllowed, std::string_view("origin_not_allowed")},
    std::pair{BlockerKind::Pin, std::string_view("pin")},
    std::pair{BlockerKind::NeedsNewPackages, std::string_view("needs_new_packages")},
    std::pair{BlockerKind::NeedsRemovals, std::string_view("needs_removals")},
    std::pair{BlockerKind::DependencyConflict, std::string_view("dependency_conflict")},
    std::pair{BlockerKind::ConffilePrompt, std::string_view("conffile_prompt")},
    std::pair{
        BlockerKind::PackageManagerInterrupted, std::string_view("package_manager_interrupted")},
    std::pair{BlockerKind::NoSpace, std::string_view("no_space")},
    std::pair{BlockerKind::RepositoryUnreachable, std::string_view("repo_unreachable")},
    std::pair{BlockerKind::SignatureExpired, std::string_view("sig_expired")},
};

}  // namespace

std::string_view blocker_name(BlockerKind kind) {
    return std::ranges::find(kNames, kind, [](const auto& row) { return row.first; })->second;
}

std::string_view blocker_words(BlockerKind kind) {
    switch (kind) {
        case BlockerKind::Hold: return "is kept back";
        case BlockerKind::Excluded: return "is excluded";
        case BlockerKind::TakenBack: return "was taken back";
        case BlockerKind::Phased: return "is phased, and not for this host yet";
        case BlockerKind::OriginNotAllowed: return "is not from an archive that is allowed";
        case BlockerKind::Pin: return "is kept back by a pin";
        case BlockerKind::NeedsNewPackages: return "needs packages that are not installed";
        case BlockerKind::NeedsRemovals: return "would remove packages";
        case BlockerKind::DependencyConflict: return "does not go together with other packages";
        case BlockerKind::ConffilePrompt: return "would ask about a changed configuration file";
        case BlockerKind::PackageManagerInterrupted:
            return "waits for what the package manager has left unfinished";
        case BlockerKind::NoSpace: return "has no room on the disk";
        case BlockerKind::RepositoryUnreachable: return "is in a repository that does not answer";
        case BlockerKind::SignatureExpired: return "is in a repository whose signature has expired";
    }
    return "is blocked";
}

std::optional<BlockerKind> blocker_kind_named(std::string_view name) {
    const auto* row =
        std::ranges::find(kNames, name, [](const auto& known) { return known.second; });
    return row == kNames.end() ? std::nullopt : std::optional(row->first);
}

}  // namespace thimble::model
