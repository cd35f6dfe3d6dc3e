#include "thimble/cli/next_steps.hpp"

#include "thimble/assess/host_gaps.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/taken_back_memory.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace thimble::cli {
namespace {

std::string argument(std::string_view option, const std::string& value) {
    return value.empty() ? std::string()
                         : ' ' + std::string(option) + ' ' + shell_word(printable(value));
}

bool refreshes_the_index(std::string_view next) {
    static constexpr std::array<std::string_view, 3> kCommands{
        "apt-get update", "dnf makecache", "zypper refresh"};
    return std::ranges::find(kCommands, next) != kCommands.end();
}

/// As apt takes it.
std::string package_word(
    const model::InstalledPackage& package, const model::Inventory& inventory) {
    const std::string& architecture = package.architecture;
    const bool foreign = !architecture.empty() && architecture != "all"
        && architecture != inventory.architecture && !inventory.architecture.empty();
    return package.name + (foreign ? ":" + architecture : "");
}

/// Each with a blank in front; empty when one of them is odd.
std::string joined_words(const std::vector<std::string>& all) {
    std::string words;
    for (const std::string& word : all) {
        if (!is_plain_word(word)) {
            return {};
        }
        words += ' ' + word;
    }
    return words;
}

std::string package_words(const model::Patch& patch, const model::Inventory& inventory) {
    std::vector<std::string> words;
    words.reserve(patch.packages.size());
    for (const std::uint32_t index : patch.packages) {
        words.push_back(package_word(inventory.packages[index], inventory));
    }
    return joined_words(words);
}

bool is_held(const model::InstalledPackage& package, const model::Inventory& inventory) {
    return std::ranges::any_of(inventory.offers, [&package](const model::Offer& offer) {
        return offer.name == package.name
            && (offer.architecture == package.architecture || package.architecture == "all")
            && std::ranges::find(offer.blockers, model::BlockerKind::Hold, &model::Blocker::kind)
            != offer.blockers.end();
    });
}

bool is_of_apt(const model::Patch& patch, const model::Inventory& inventory) {
    return !patch.packages.empty() && inventory.packages[patch.packages.front()].type == "deb";
}

/// Of a blocker that is a hold or a lock; empty: nothing is known that lifts it.
std::string unholding(
    const model::Blocker& hold, const model::Patch& patch, const model::Inventory& inventory) {
    constexpr std::string_view kZypper = "locked by zypper: ";
    if (hold.detail.starts_with(kZypper)) {
        return "zypper removelock " + shell_word(printable(hold.detail.substr(kZypper.size())));
    }
    const std::string words = joined_words(held_packages(patch, inventory));
    if (words.empty()) {
        return {};
    }
    if (hold.detail == "locked by dnf versionlock") {
        return "dnf versionlock delete" + words;
    }
    return is_of_apt(patch, inventory) ? "apt-mark unhold" + words : std::string();
}

/// A pin is lines that somebody has written, which no command of apt takes away.
std::string unpinning(const model::Patch& patch, const ScanOptions& options) {
    const std::string root = options.root.empty() ? "" : shell_word(printable(options.root));
    return "let apt prefer " + printable(patch.source) + " " + printable(patch.to_version)
        + ": change the pin in " + root + "/etc/apt/preferences or " + root
        + "/etc/apt/preferences.d";
}

/// Empty: nobody may lift it, or nothing is known that does.
std::string lifting_words(
    const model::Blocker& blocker, const model::Patch& patch, const model::Inventory& inventory) {
    if (blocker.kind == model::BlockerKind::Hold) {
        return unholding(blocker, patch, inventory);
    }
    if (blocker.kind == model::BlockerKind::PackageManagerInterrupted) {
        return is_of_apt(patch, inventory) ? std::string(assess::kFinishingStep) : "";
    }
    const std::string run = run_that_took_back(blocker);
    return is_plain_word(run) ? "thimble patch unblock " + run + " --reason TEXT" : std::string();
}

std::optional<LiftingStep> lifting_step(
    const model::Blocker& blocker,
    const model::Patch& patch,
    const model::Inventory& inventory,
    const ScanOptions& options) {
    const bool is_pin = blocker.kind == model::BlockerKind::Pin;
    const std::string words =
        is_pin ? unpinning(patch, options) : lifting_words(blocker, patch, inventory);
    if (words.empty()) {
        return std::nullopt;
    }
    // Words for a person, who has to decide.
    const bool is_command =
        !is_pin && blocker.kind != model::BlockerKind::PackageManagerInterrupted;
    if (!options.host.empty()) {
        return LiftingStep{"on " + printable(options.host) + ": " + words, is_command};
    }
    return LiftingStep{is_pin ? words : aimed(words, options), is_command};
}

/// Whether what installs a patch does so in spite of the blocker, or tells what it lacks.
bool is_overcome(model::BlockerKind kind) {
    switch (kind) {
        case model::BlockerKind::NeedsNewPackages:
        case model::BlockerKind::NeedsRemovals:
        case model::BlockerKind::ConffilePrompt:
        case model::BlockerKind::NoSpace:
        case model::BlockerKind::RepositoryUnreachable:
        case model::BlockerKind::SignatureExpired: return true;
        case model::BlockerKind::Hold:
        case model::BlockerKind::Excluded:
        case model::BlockerKind::TakenBack:
        case model::BlockerKind::Phased:
        case model::BlockerKind::OriginNotAllowed:
        case model::BlockerKind::Pin:
        case model::BlockerKind::DependencyConflict:
        case model::BlockerKind::PackageManagerInterrupted: return false;
    }
    return false;
}

bool has_blocker(const model::Patch& patch, model::BlockerKind kind) {
    return std::ranges::find(patch.blockers, kind, &model::Blocker::kind) != patch.blockers.end();
}

}  // namespace

std::string target_arguments(const ScanOptions& options) {
    return argument("--root", options.root) + argument("--host", options.host)
        + argument("--catalog", options.catalog) + argument("--state", options.state);
}

std::string step_of_catalog(const Error& error, const ScanOptions& options) {
    const bool is_foreign =
        error.code == "catalog.no_catalog" || error.code == "catalog.unreadable";
    if (!options.catalog.empty() && is_foreign) {
        // To build one would write over what somebody else may need.
        return "Is the path right, and may you read it? `thimble catalog build --feed NAME=FILE "
               "--output FILE` writes a catalog.";
    }
    return !options.catalog.empty() && error.code.starts_with("catalog.")
        ? aimed("thimble feeds sync", options)
        : std::string();
}

void aim_blockers(model::Inventory& inventory, const ScanOptions& options) {
    for (model::Offer& offer : inventory.offers) {
        for (model::Blocker& blocker : offer.blockers) {
            blocker.detail = aimed(blocker.detail, options);
        }
    }
}

std::string aimed(const std::string& next, const ScanOptions& options) {
    if (next.starts_with("thimble feeds ")) {
        return options.catalog.empty()
            ? next + argument("--state", options.state)
            : "build it anew: thimble catalog build --feed NAME=FILE --output"
                + (' ' + shell_word(printable(options.catalog)));
    }
    if (next.contains("thimble ")) {
        return aimed_commands(
            next,
            {.root = argument("--root", options.root),
             .state = argument("--state", options.state)});
    }
    if (!options.root.empty()) {
        return entered_commands(next, shell_word(printable(options.root)));
    }
    if (refreshes_the_index(next) && !options.host.empty()) {
        return "on " + printable(options.host) + ": " + next;
    }
    return next;
}

std::vector<std::string> held_packages(
    const model::Patch& patch, const model::Inventory& inventory) {
    std::vector<std::string> held;
    for (const std::uint32_t index : patch.packages) {
        const model::InstalledPackage& package = inventory.packages[index];
        if (is_held(package, inventory)) {
            held.push_back(package_word(package, inventory));
        }
    }
    return held;
}

std::vector<LiftingStep> lifting_steps(
    const model::Patch& patch, const model::Inventory& inventory, const ScanOptions& options) {
    std::vector<LiftingStep> steps;
    for (const model::Blocker& blocker : patch.blockers) {
        auto step = lifting_step(blocker, patch, inventory, options);
        if (step && std::ranges::find(steps, *step) == steps.end()) {
            steps.push_back(*std::move(step));
        }
    }
    return steps;
}

std::string install_step(
    const model::Patch& patch, const model::Inventory& inventory, const ScanOptions& options) {
    if (!patch.offered || patch.installed || patch.packages.empty()) {
        return {};
    }
    const bool stays_blocked =
        std::ranges::any_of(patch.blockers, [&](const model::Blocker& blocker) {
            return !is_overcome(blocker.kind) && !lifting_step(blocker, patch, inventory, options);
        });
    const std::string words = package_words(patch, inventory);
    if (stays_blocked || words.empty()) {
        return {};
    }
    const std::string removing = has_blocker(patch, model::BlockerKind::NeedsRemovals)
        ? " --level full --allow-removals"
        : "";
    if (!options.host.empty()) {
        return "on " + printable(options.host) + ": "
            + (is_of_apt(patch, inventory)
                   ? "apt-get install --only-upgrade" + words
                   : "thimble patch plan --package " + shell_word(patch.source) + removing);
    }
    return is_plain_word(patch.source)
        ? "thimble patch plan" + target_arguments(options) + " --package " + patch.source + removing
        : std::string();
}

}  // namespace thimble::cli
