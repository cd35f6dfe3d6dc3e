#include "thimble/cli/next_steps.hpp"

#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/taken_back_memory.hpp"

#include <algorithm>
#include <array>
#include <string_view>

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

/// Of a blocker that is a hold or a lock; empty: nothing is known that lifts it.
std::string unholding(
    const model::Blocker& hold, const model::Patch& patch, const model::Inventory& inventory) {
    constexpr std::string_view kZypper = "locked by zypper: ";
    if (hold.detail.starts_with(kZypper)) {
        return "zypper removelock " + shell_word(printable(hold.detail.substr(kZypper.size())));
    }
    const std::vector<std::string> held = held_packages(patch, inventory);
    const std::string words = joined_words(held);
    const bool is_apt =
        !patch.packages.empty() && inventory.packages[patch.packages.front()].type == "deb";
    return is_apt && !words.empty() ? "apt-mark unhold" + words : std::string();
}

}  // namespace

std::string target_arguments(const ScanOptions& options) {
    return argument("--root", options.root) + argument("--host", options.host)
        + argument("--catalog", options.catalog) + argument("--state", options.state);
}

std::string step_of_catalog(const Error& error, const ScanOptions& options) {
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

std::vector<std::string> lifting_steps(
    const model::Patch& patch, const model::Inventory& inventory, const ScanOptions& options) {
    std::vector<std::string> steps;
    for (const model::Blocker& blocker : patch.blockers) {
        std::string step;
        if (blocker.kind == model::BlockerKind::Hold) {
            step = unholding(blocker, patch, inventory);
        } else if (const std::string run = run_that_took_back(blocker); is_plain_word(run)) {
            step = "thimble patch unblock " + run + " --reason TEXT";
        }
        if (!step.empty()) {
            steps.push_back(
                options.host.empty() ? aimed(step, options)
                                     : "on " + printable(options.host) + ": " + step);
        }
    }
    return steps;
}

std::string install_step(
    const model::Patch& patch, const model::Inventory& inventory, const ScanOptions& options) {
    if (!patch.offered || patch.installed || patch.packages.empty()) {
        return {};
    }
    const std::string words = package_words(patch, inventory);
    if (words.empty()) {
        return {};
    }
    const bool apt = inventory.packages[patch.packages.front()].type == "deb";
    if (!options.host.empty()) {
        return "on " + printable(options.host) + ": "
            + (apt ? "apt-get install --only-upgrade" + words
                   : "thimble patch plan --package " + shell_word(patch.source));
    }
    if (apt && options.root.empty()) {
        return "apt-get install --only-upgrade" + words;
    }
    return is_plain_word(patch.source)
        ? "thimble patch plan" + target_arguments(options) + " --package " + patch.source
        : std::string();
}

}  // namespace thimble::cli
