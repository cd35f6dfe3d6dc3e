#pragma once
/// @file Why no plan is made of what was asked for.

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/cli/scan_command.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/plan.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace thimble::cli {

/// The code of the error that names mean nothing here.
inline constexpr const char* kNothingSelected = "apply.nothing_selected";

/// What the repositories offer decides what is in a plan: not known is not "nothing".
/// @error Unavailable "cli.no_offers", "cli.state_full"
Result<void> offers_known(const model::Inventory& inventory, const std::filesystem::path& state);

/// What is no expression spares nothing, on whatever host.
/// @error Invalid "cli.bad_expression"  says of each what is wrong with it
Result<void> exclusions_valid(const std::vector<std::string>& invalid);

/// A mistyped exclusion would patch the very package that was to be spared.
/// @error NotFound "cli.unknown_exclusion"  names them all
Result<void> exclusions_known(const std::vector<std::string>& unknown);

/// The words of a selection that mean no installed package.
struct UnknownPackages {
    std::vector<std::string> words;  ///< in the order of the selection
    model::PlanSelection others;     ///< the same selection without them
    bool names_others = false;       ///< and something is left that it names
};
UnknownPackages unknown_packages(
    const model::PlanSelection& selection, const model::Inventory& inventory);

/// @param unknown  not empty
/// @error NotFound kNothingSelected  names them, and what is installed and may have been meant
Result<void> packages_known(
    const std::vector<std::string>& unknown, const model::Inventory& inventory);

/// What to do where no plan is made: of advisories that the catalog does not have for this host, and of a catalog that cannot be used.
/// @param data  the scan that the plan was to be made of
/// @return empty: the error is of something else, or the usual step will do
std::string step_after_refusal(
    const Error& error, const model::PlanSelection& selection, const ScanOptions& data);

}  // namespace thimble::cli
