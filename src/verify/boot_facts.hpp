#pragma once
/// @file What a host keeps of its boots beside its kernels: what asks for one, and what the last one began with.

#include "thimble/base/instant.hpp"
#include "thimble/host/host.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::verify {

struct BootFacts {
    std::vector<std::string> askers;  ///< packages that have asked for a boot since the last one
    std::string askers_unread;        ///< why these could not be read; empty: they were
    std::string
        initial_files;  ///< "/boot/initrd.img-6.1.0-30-amd64", of the kernel that runs; empty: none
    std::optional<Instant> made_at;    ///< when that was made
    std::string initial_files_unread;  ///< why it could not be looked at; empty: it was
    bool operator==(const BootFacts&) const = default;
};

/// Of a running host.
/// @param running_release  empty: not known, and no initial file system is looked for
/// @source /run/reboot-required.pkgs of update-notifier; initrd.img-R of initramfs-tools, initramfs-R.img and initrd-R of dracut
BootFacts read_boot_facts(host::Host& host, std::string_view running_release);

/// The command that makes the initial file system of a release anew.
std::string renewal_of_initial_files(std::string_view path, std::string_view release);

}  // namespace thimble::verify
