#pragma once
/// @file Which dpkg package a file belongs to.

#include "thimble/host/host.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// One line group of /var/lib/dpkg/diversions.
struct Diversion {
    std::string from;  ///< where packages put the file
    std::string to;    ///< where it really is
    std::string by;    ///< the package that diverts; ":" for the administrator
    bool operator==(const Diversion&) const = default;
};

/// @source dpkg-divert(1)
std::vector<Diversion> parse_diversions(std::string_view text);

/// The names that a package may list the file at `path` under: on a merged /usr, /usr/bin/x may be
/// listed as /bin/x.
std::vector<std::string> listed_names(std::string_view path);

/// What `grep -r -H -Z -x -F --include=*.list` found in `folder`: the lists by name, each with the
/// lines that were found, which end with a line feed. Lines about other files are left out.
std::map<std::string, std::string> parse_matching_lists(
    std::string_view text, std::string_view folder);

/// The packages that own `paths`, by path; those that no package lists are missing. Reads the file
/// list of each package until all are found, so ask for few and only when there is need.
std::map<std::string, std::string> find_owners(
    host::Host& host, const std::set<std::string>& paths);

}  // namespace thimble::inventory
