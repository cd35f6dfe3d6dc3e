#include "thimble/host/enclosure_rights.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace thimble::host {
namespace {

// What dpkg, rpm and maintainer scripts need. Not among them, and why it matters:
//   CAP_SYS_ADMIN        mounts; without it the read-only parts of /proc stay read-only
//   CAP_DAC_READ_SEARCH  open_by_handle_at(2) finds any file of a disk that is mounted anywhere
//   CAP_SYS_PTRACE       process 1 is a copy of ours
//   CAP_LINUX_IMMUTABLE  a file that nobody can remove would outlive the clone
//   CAP_SYS_RESOURCE     the last blocks of a disk are for the machine
// CAP_MKNOD stays: nodes can be made, but no file system in an enclosure lets them be opened.
constexpr auto kKept = std::to_array<std::uint32_t>(
    {CAP_CHOWN,
     CAP_DAC_OVERRIDE,
     CAP_FOWNER,
     CAP_FSETID,
     CAP_KILL,
     CAP_SETGID,
     CAP_SETUID,
     CAP_SETPCAP,
     CAP_SETFCAP,
     CAP_MKNOD,
     CAP_SYS_CHROOT,
     CAP_IPC_LOCK,
     CAP_IPC_OWNER,
     CAP_SYS_NICE,
     CAP_NET_BIND_SERVICE,
     CAP_NET_RAW,
     CAP_AUDIT_WRITE});

}  // namespace

bool give_up_rights() {
    std::array<std::uint32_t, 2> kept{};
    for (const std::uint32_t capability : kKept) {
        kept.at(capability / 32) |= 1U << (capability % 32);
    }
    for (std::uint32_t capability = 0; capability < 64; ++capability) {
        if (std::ranges::find(kKept, capability) != kKept.end()) {
            continue;
        }
        if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EINVAL) {
            return false;  // EINVAL: this kernel knows no such capability
        }
    }
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> now{};
    if (::syscall(SYS_capget, &header, now.data()) != 0) {
        return false;
    }
    for (std::size_t at = 0; at < now.size(); ++at) {
        now.at(at).permitted &= kept.at(at);
        now.at(at).effective = now.at(at).permitted;
        now.at(at).inheritable = 0;
    }
    return ::syscall(SYS_capset, &header, now.data()) == 0;
}

}  // namespace thimble::host
