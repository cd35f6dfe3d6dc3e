#include "thimble/cli/next_steps.hpp"

#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/aimed_commands.hpp"

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

/// Names as apt takes them, each with a blank in front; empty when one of them is odd.
std::string package_words(const model::Patch& patch, const model::Inventory& inventory) {
    std::string words;
    for (const std::uint32_t index : patch.packages) {
        const model::InstalledPackage& package = inventory.packages[index];
        const std::string& architecture = package.architecture;
        const bool foreign = !architecture.empty() && architecture != "all"
            && architecture != inventory.architecture && !inventory.architecture.empty();
        const std::string word = package.name + (foreign ? ":" + architecture : "");
        if (!is_plain_word(word)) {
            return {};
        }
        words += ' ' + word;
    }
    return words;
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
