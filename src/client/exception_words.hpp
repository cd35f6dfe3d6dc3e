#pragma once
/// @file One exception, for people. Pure.

#include "thimble/base/json_members.hpp"
#include "thimble/client/approval_words.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace thimble::client {

/// An exception, as lists of the server have it.
struct ExceptionWords {
    const JsonValue& exception;           ///< an item of the list exceptions
    std::span<const JsonValue> evidence;  ///< items of the list exception-evidence
    // NOLINTNEXTLINE(readability-redundant-member-init): left out by some
    NamesOfIds names = {};  ///< of the hosts that it names
};

/// A line for each member that says something, then what was shown for it. At most 80 columns where no word is longer.
std::string exception_lines(const ExceptionWords& words);

/// Those of the patches that it covers, or would once it is agreed to.
/// @param patches  items of the list patches
/// @param tags     of the hosts, by their ids; of importance only where the exception names one
std::vector<JsonValue> covered_patches(
    const JsonValue& exception,
    std::span<const JsonValue> patches,
    const std::map<std::string, std::vector<std::string>>& tags);

/// What somebody would agree to: the exception, and which missing patches it leaves open, the exploited first.
/// @param covered  as covered_patches gives them
std::string exception_approval_lines(
    const ExceptionWords& words, std::span<const JsonValue> covered);

}  // namespace thimble::client
