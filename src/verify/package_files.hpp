#pragma once
/// @file Are the files of a package those that it brought?

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::verify {

/// A binary package whose files are looked at.
struct PackageName {
    std::string name;
    std::string architecture;
    bool operator==(const PackageName&) const = default;
};

/// A file that is not what its package brought.
struct FileDifference {
    std::string package;
    std::string path;
    std::string what;  ///< "changed", "missing", "no file any more"
    bool operator==(const FileDifference&) const = default;
};

struct PackageFiles {
    std::string package;
    std::string architecture = {};  // NOLINT(readability-redundant-member-init): g++ warns else
    std::set<std::string> paths;    ///< all that it lists, and where what is diverted lies
    bool digests_known = false;     ///< the package has digests of its files
    std::size_t checked = 0;
    std::vector<FileDifference> differences;  ///< by path; configuration files never count
    std::vector<std::string> unreadable;      ///< files of which nothing is known, and why
    std::string unread;                       ///< why they could not be looked at; empty: they were
    std::optional<Instant> unpacked_at;  ///< of packages that are asked for it; none: not known
};

/// "path", "digest" of a dpkg .md5sums file; damaged lines are skipped. Paths get their leading "/".
/// @source deb-md5sums(5)
std::vector<std::pair<std::string, std::string>> parse_md5sums(std::string_view text);

/// As check_package_files, for a package of rpm: digests are SHA-256, of old packages MD5. Configuration
/// and what rpm was told to leave out do not count.
/// @error NotFound: rpm does not know it; Unsupported "inventory.no_program": no rpm can be asked
Result<PackageFiles> check_rpm_files(host::Host& host, const PackageName& package);

/// Reads what dpkg knows of a package's files and compares their MD5 with the files, but of configuration files, which are the
/// owner's: where a package brings no digests dpkg makes them of all its files. Diverted files are looked at where they are. Documentation that dpkg was told to leave out is not missed. A host
/// without such a package in dpkg's database and with one of rpm is asked as check_rpm_files does.
/// @error NotFound: the package has no file list
Result<PackageFiles> check_package_files(host::Host& host, const PackageName& package);

/// The lines of a package's file list, and where its diverted files really are.
/// @error NotFound: dpkg has no such package
Result<std::set<std::string>> listed_files(host::Host& host, const PackageName& package);

/// Compares one file with the digest that its package has of it. What may not be read, or is too large, is unreadable, which
/// is no difference: a person without root's rights sees less, and not another file.
/// @param digest_of  gives the digest of the file's bytes in the form of `digest`
void compare_file(
    const std::string& path,
    const Result<std::string>& bytes,
    const std::string& digest,
    std::string (*digest_of)(std::string_view),
    PackageFiles& files);

/// When dpkg or rpm has put the package's files there; none: neither tells.
std::optional<Instant> unpacked_at(host::Host& host, const PackageName& package);

}  // namespace thimble::verify
