#pragma once
/// @file What zypper answers with --xmlout. Pure.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// One package of a transaction that zypper would make.
struct ZypperChange {
    std::string name;
    std::string architecture;
    std::string from_version;  ///< empty: not installed before
    std::string to_version;    ///< empty: removed
    auto operator<=>(const ZypperChange&) const = default;
};

struct ZypperSummary {
    std::vector<ZypperChange> changes;  ///< sorted
    std::string complaint;              ///< for people: errors, and why it cannot be solved
};

/// @error Corrupt "inventory.bad_answer", as for all of these
Result<ZypperSummary> parse_zypper_summary(std::string_view text);

struct ZypperRepository {
    std::string alias;
    std::string url;
    bool is_enabled = false;
    bool is_checked = false;     ///< its packages' signatures, or those of its metadata
    std::int64_t priority = 99;  ///< less is more
    bool operator==(const ZypperRepository&) const = default;
};

/// A newer version of a package that is installed.
struct ZypperUpdate {
    std::string name;
    std::string architecture;
    std::string from_version;
    std::string to_version;  ///< the newest
    std::string repository;  ///< its alias
    bool operator==(const ZypperUpdate&) const = default;
};

/// In the order of the answer. What is not a package is left out.
Result<std::vector<ZypperUpdate>> parse_zypper_updates(std::string_view text);

/// Enabled or not, by priority, then alias.
Result<std::vector<ZypperRepository>> parse_zypper_repositories(std::string_view text);

/// The names, which may be patterns, that are locked.
Result<std::vector<std::string>> parse_zypper_locks(std::string_view text);

/// Whether a lock's name, which may hold * and ?, is about a package.
bool is_locked(std::string_view pattern, std::string_view name);

/// File name of each archive that was downloaded, to its path; also by the name that rpm gives it, where its
/// repository gives it another.
Result<std::map<std::string, std::string>> parse_zypper_downloads(std::string_view text);

}  // namespace thimble::inventory
