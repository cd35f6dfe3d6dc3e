#pragma once
/// @file Whether what boots a machine is of its package: boot loaders are copied to where a boot finds them.

#include "thimble/host/host.hpp"
#include "thimble/verify/package_files.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::verify {

/// What lies where a boot finds it, of one package of a boot loader. The boot sectors of a disk are not read: on a machine without EFI
/// GRUB's modules in /boot, which grub-install brings together with them, stand for them. The packages of Red Hat and SUSE renew neither, so that on such a
/// machine they are mostly those of its installation.
struct BootLoaderCopies {
    std::string package;
    std::vector<std::string> same;   ///< files or folders that are as the package brought them
    std::vector<std::string> other;  ///< those that are not: of another version
    std::string unknown;             ///< why it cannot be told; empty: it can
    std::vector<std::string>
        never_renewed;  ///< of another version, as no package of its kind changes
    bool operator==(const BootLoaderCopies&) const = default;
};

/// Looks at what a running machine boots: by EFI at its partition, mounted where distributions mount it, in the folder of the
/// distribution, else in that of removable media; GRUB's modules in /boot. What is not in use there is passed over, and what lies
/// there as a file of the package is compared with the others of it.
/// @param os  ID of os-release
BootLoaderCopies look_at_boot_loader(
    host::Host& host, std::string_view os, const PackageFiles& files);

/// What renews a copy, as a person types it: "grub2-install DEVICE".
std::string renewal_of(std::string_view place);

}  // namespace thimble::verify
