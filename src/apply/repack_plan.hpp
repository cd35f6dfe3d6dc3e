#pragma once
/// @file What goes into an archive that is made of installed files: values in, values out.

#include "thimble/apply/deb_control.hpp"
#include "thimble/apply/dpkg_database.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// The control file of an installed package: its stanza without what dpkg keeps about its state.
std::string control_of_stanza(std::string_view stanza);

/// One path of the package, and where it is on disk.
struct RepackedPath {
    std::string path;        ///< as the package has it: "/usr/bin/x"
    std::string on_disk;     ///< where a diversion put it
    bool is_folder = false;  ///< others of the package are in it: a folder, whatever is on disk now
    bool operator==(const RepackedPath&) const = default;
};

/// The paths of a package's .list, in its order.
///
/// Configuration files that the administrator edited or removed are left out. dpkg then keeps them as
/// they are, with the digest of the version that is replaced: the edit counts as one also later. Packed
/// as they are now, they would pass for shipped, and the next version would overwrite them. Their digests of
/// before are given back afterwards (AptPackages::return_records).
/// @param edited  paths of those configuration files
std::vector<RepackedPath> repacked_paths(
    std::string_view list,
    const std::vector<Diversion>& diversions,
    std::string_view package,
    const std::vector<std::string>& edited);

/// The header of a member of a .deb.
/// @source ar(5), deb(5)
std::string ar_header(std::string_view name, std::uint64_t size);

/// Whether a control file is a program: preinst, postinst, prerm, postrm, config.
bool is_maintainer_script(std::string_view name);

}  // namespace thimble::apply
