#pragma once
/// @file The package database of dpkg as far as a transaction needs it: every state, the configuration
/// files with their digests, and apt's marks.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// @source dpkg(1) "Package states"
enum class DpkgState : std::uint8_t {
    NotInstalled,
    ConfigFiles,
    HalfInstalled,
    Unpacked,
    HalfConfigured,
    TriggersAwaited,
    TriggersPending,
    Installed,
};

std::string_view dpkg_state_name(DpkgState state);

/// A configuration file as dpkg recorded it when it put it there.
struct DpkgConffile {
    std::string path;
    std::string md5;  ///< of the shipped file; "newconffile" while it is being unpacked
    bool obsolete = false;
    bool operator==(const DpkgConffile&) const = default;
};

struct DpkgEntry {
    std::string name;
    std::string architecture;
    std::string version;
    DpkgState state = DpkgState::NotInstalled;
    bool held = false;
    bool reinstall_required = false;
    bool removal_wanted = false;  ///< selection "deinstall" or "purge"
    std::vector<DpkgConffile> conffiles;
    std::string stanza;  ///< as it stands in the database, without the empty line after it

    /// Whether files of it are there.
    [[nodiscard]] bool is_present() const {
        return state != DpkgState::NotInstalled && state != DpkgState::ConfigFiles;
    }
    /// Whether dpkg has nothing left to do for it.
    [[nodiscard]] bool is_finished() const {
        return !is_present() || (state == DpkgState::Installed && !reinstall_required);
    }
    bool operator==(const DpkgEntry&) const = default;
};

/// Reads /var/lib/dpkg/status, or one file of /var/lib/dpkg/updates.
/// @return in the order of the file
/// @error Corrupt "apply.bad_database": a stanza without a name or a state that dpkg knows, which is
///        what dpkg itself refuses
Result<std::vector<DpkgEntry>> parse_dpkg_database(std::string_view text);

/// Puts the entries of a file of /var/lib/dpkg/updates in the place of those that they replace.
void replay_update(std::vector<DpkgEntry>& database, std::vector<DpkgEntry> update);

/// "name:architecture" of every package that /var/lib/apt/extended_states marks as automatically
/// installed, sorted. apt writes the native architecture for packages of all.
std::vector<std::string> parse_automatic_marks(std::string_view text);

/// A configuration file that ucf looks after for a package, of which dpkg knows nothing.
struct UcfFile {
    std::string package;
    std::string path;
    bool operator==(const UcfFile&) const = default;
};

/// Reads /var/lib/ucf/registry. Lines that name no absolute path are skipped. @source ucf(1)
std::vector<UcfFile> parse_ucf_registry(std::string_view text);

}  // namespace thimble::apply
