#include "pin_words.hpp"

#include "origins.hpp"

#include <apt-pkg/policy.h>

namespace thimble::inventory::apt {
namespace {

/// Pinned is what a pin of the very version says; others have the priority of their archive.
std::string priority_words(pkgPolicy& policy, const pkgCache::VerIterator& version) {
    const bool is_pinned = policy.GetPriority(version, false) != 0;
    return (is_pinned ? "pinned to priority " : "priority ")
        + std::to_string(policy.GetPriority(version));
}

}  // namespace

std::string pin_words(
    pkgPolicy& policy, const pkgCache::PkgIterator& package, const pkgCache::VerIterator& offered) {
    const auto candidate = policy.GetCandidateVer(package);
    const auto installed = package.CurrentVer();
    const bool is_never = candidate.end() || policy.GetPriority(offered) < 0;
    const bool prefers_installed = !is_never && candidate == installed;
    std::string words = "apt never takes ";
    if (!is_never) {
        words = "apt prefers " + version_of(candidate) + " ("
            + (prefers_installed ? "installed, " : "") + priority_words(policy, candidate)
            + ") to ";
    }
    words += version_of(offered) + " (" + priority_words(policy, offered) + ")";
    if (!installed.end() && !prefers_installed) {
        words += "; " + version_of(installed) + " is installed ("
            + priority_words(policy, installed) + ")";
    }
    return words;
}

}  // namespace thimble::inventory::apt
