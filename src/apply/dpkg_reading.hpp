#pragma once
/// @file Reads dpkg's database from a host.

#include "thimble/apply/dpkg_database.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// dpkg's database as it is now, with what an interrupted dpkg left in its journal.
struct DpkgDatabase {
    std::vector<DpkgEntry> entries;
    std::string native_architecture;
    std::vector<std::string> automatic;  ///< as parse_automatic_marks gives them
    bool interrupted = false;            ///< dpkg's journal is not empty

    /// The package of that name that is of `architecture`, or of all where the other is not: a package
    /// changes between the two from one version to the next. Null: dpkg does not know it.
    [[nodiscard]] const DpkgEntry* find(std::string_view name, std::string_view architecture) const;
    [[nodiscard]] bool is_automatic(std::string_view name, std::string_view architecture) const;
};

/// @error Corrupt "apply.bad_database"; NotFound: no dpkg there
Result<DpkgDatabase> read_dpkg_database(host::Host& host);

/// Whether a name in /var/lib/dpkg/updates is a journal entry.
bool is_journal_name(std::string_view name);

}  // namespace thimble::apply
