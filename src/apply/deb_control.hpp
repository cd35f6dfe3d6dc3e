#pragma once
/// @file The control files of a package, and dpkg's list of diversions: texts in, values out.

#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// The fields that tell which package it is.
struct ControlFields {
    std::string name;
    std::string version;
    std::string architecture;
};

/// Of the first stanza; missing fields are empty.
ControlFields parse_control_fields(std::string_view text);

/// The paths of a conffiles file, without those that are to be removed on upgrade, and without what is
/// no absolute path or climbs.
/// @source deb-conffiles(5)
std::vector<std::string> parse_conffiles(std::string_view text);

/// Whether maintainer scripts have the initial file systems in /boot made anew: a script that names what makes them, or a
/// trigger that is activated for it. A comment counts, too: better asked for room in vain.
/// @param triggers  @source deb-triggers(5)
bool remakes_initial_files(std::string_view scripts, std::string_view triggers);

/// A file that is put elsewhere: dpkg-divert(1).
struct Diversion {
    std::string from;
    std::string to;
    std::string package;  ///< whose own file stays at `from`; empty: nobody's
    bool operator==(const Diversion&) const = default;
};

/// /var/lib/dpkg/diversions: three lines each.
std::vector<Diversion> parse_diversions(std::string_view text);

/// Where `package` has its file `path` on disk.
std::string path_on_disk(
    const std::vector<Diversion>& diversions, const std::string& path, std::string_view package);

}  // namespace thimble::apply
