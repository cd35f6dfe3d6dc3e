#pragma once
/// @file Segmentation and isolation as rules of the packet filter, in a table of our own. Pure.

#include "thimble/base/result.hpp"
#include "thimble/mitigate/control.hpp"

#include <string>
#include <string_view>

namespace thimble::shield {

/// "thimble_" and the id.
std::string filter_table(std::string_view id);

/// A script for `nft -f` that puts the table up in one transaction, in the place of one that is there.
///
/// The table hooks before addresses are translated, so that what a container publishes is guarded as well, and it only
/// ever takes away: what it lets pass is still judged by all other tables.
/// @source nft(8)
std::string filter_rules(std::string_view id, const mitigate::Segmentation& settings);
std::string filter_rules(std::string_view id, const mitigate::Isolation& settings);

/// A script that leaves no such table, whether there is one or not.
std::string no_filter_rules(std::string_view id);

/// The one form of what `nft -j list table` prints: without handles, counts and the version of the program.
/// @error Corrupt "base.bad_json", "shield.bad_rules"
Result<std::string> rules_in_force(std::string_view listing);

inline constexpr std::size_t kMaxListingBytes = std::size_t{1} << 20;

}  // namespace thimble::shield
