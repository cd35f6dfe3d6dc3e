#pragma once
/// @file A change of dpkg's database by dpkg's own means: its locks, and its journal, which dpkg takes in by itself.

#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"

#include <span>
#include <string>
#include <utility>

namespace thimble::apply {

/// Both of dpkg's locks, as a frontend and dpkg hold them. While it lives, no lock of that host is to be looked at in this
/// process: to close such a file lets the lock go.
/// @source fcntl(2) F_SETLK; dpkg's doc/frontend.txt
class DpkgLocks {
public:
    /// @param root  the directory of this machine that is the host's root; no link in it leads out of it
    /// @error Conflict "apply.lock_held": somebody holds one of them; NotFound: there is none; Denied
    static Result<DpkgLocks> take(const std::string& root);

    /// The lock of the database, which a dpkg that is started by the frontend takes itself.
    void let_database_go() { database_.close(); }

private:
    DpkgLocks(host::Descriptor frontend, host::Descriptor database)
        : frontend_(std::move(frontend)), database_(std::move(database)) {}

    host::Descriptor frontend_;
    host::Descriptor database_;
};

/// Writes entries of dpkg's journal, /var/lib/dpkg/updates, each whole or not at all, also after a loss of power. Whatever
/// dpkg runs next takes them into its database. The caller holds the locks, and the journal is empty.
/// @param stanzas  whole ones, without the empty line after them
/// @error Denied, Unavailable "apply.cannot_write"; Invalid: more than dpkg can number
/// @source dpkg's lib/dpkg/dbmodify.c
Result<void> write_dpkg_journal(const std::string& root, std::span<const std::string> stanzas);

}  // namespace thimble::apply
