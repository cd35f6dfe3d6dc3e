#include "thimble/cli/plan_refusals.hpp"

#include "thimble/apply/named_packages.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/nearest_package.hpp"
#include "thimble/cli/next_steps.hpp"
#include "thimble/cli/state_room.hpp"

#include <algorithm>
#include <span>

namespace thimble::cli {
namespace {

bool means_something(const std::string& word, const model::Inventory& inventory) {
    const auto named = apply::NamedPackages::of(std::span(&word, 1));
    return !named || std::ranges::any_of(inventory.packages, [&](const auto& package) {
        return !named->meaning(package.name, package.architecture).empty()
            || !named->meaning(package.source_name, package.architecture).empty();
    });
}

}  // namespace

Result<void> offers_known(const model::Inventory& inventory, const std::filesystem::path& state) {
    if (inventory.index.asked) {
        return {};
    }
    const auto gap = std::ranges::find(inventory.gaps, "inventory.no_offers", &model::Gap::code);
    const std::string why = gap == inventory.gaps.end() ? "" : ": " + gap->detail;
    return blaming_state(
        failure(
            ErrorKind::Unavailable,
            "cli.no_offers",
            "no plan can be made: it is not known what the repositories offer" + why
                + "; thimble doctor says what is missing"),
        state);
}

Result<void> exclusions_valid(const std::vector<std::string>& invalid) {
    if (invalid.empty()) {
        return {};
    }
    std::string words;
    for (const std::string& sentence : invalid) {
        words += (words.empty() ? "--exclude: " : "; ") + sentence;
    }
    return failure(ErrorKind::Invalid, "cli.bad_expression", words);
}

Result<void> exclusions_known(const std::vector<std::string>& unknown) {
    if (unknown.empty()) {
        return {};
    }
    std::string words;
    for (const std::string& name : unknown) {
        words += (words.empty() ? "--exclude " : ", --exclude ") + name;
    }
    return failure(
        ErrorKind::NotFound,
        "cli.unknown_exclusion",
        words
            + ": no package of that name, or that it matches, is installed; `dpkg -l` or `rpm -qa` "
              "lists those that are");
}

UnknownPackages unknown_packages(
    const model::PlanSelection& selection, const model::Inventory& inventory) {
    UnknownPackages unknown{.words = {}, .others = selection, .names_others = false};
    unknown.others.packages.clear();
    for (const std::string& word : selection.packages) {
        (means_something(word, inventory) ? unknown.others.packages : unknown.words)
            .push_back(word);
    }
    unknown.names_others = !unknown.others.packages.empty() || !selection.vulnerabilities.empty()
        || !selection.advisories.empty();
    return unknown;
}

Result<void> packages_known(
    const std::vector<std::string>& unknown, const model::Inventory& inventory) {
    std::string words;
    std::string near;
    std::string options;
    for (const std::string& word : unknown) {
        words += (words.empty() ? "" : ", ") + printable(word, 200);
        if (const std::string name = nearest_package(word, inventory); !name.empty()) {
            near += (near.empty() ? "" : ", ") + printable(name);
            options += " --package " + shell_word(printable(name));
        }
    }
    return failure(
        ErrorKind::NotFound,
        kNothingSelected,
        "no patch of this host has to do with " + words + ": no such package is installed; "
            + (near.empty() ? "`thimble scan` lists the patches that there are"
                            : "nearest is " + near + ": thimble patch plan" + options));
}

std::string step_after_refusal(
    const Error& error, const model::PlanSelection& selection, const ScanOptions& data) {
    const std::string words = error.text();
    const bool names_one = std::ranges::any_of(
        selection.advisories,
        [&words](const std::string& advisory) { return words.contains(advisory); });
    return error.code == kNothingSelected && names_one
        ? "Is it spelled so? The catalog may be older than the advisory: "
            + aimed("thimble feeds sync", data)
        : step_of_catalog(error, data);
}

}  // namespace thimble::cli
