#pragma once
/// @file Which system calls an enclosure is without. Private to this folder.

namespace thimble::host {

/// Takes away what no namespace divides: the kernel's keys, which are those of root on the machine beneath, its hypervisor's sockets
/// (AF_VSOCK), and the calls that look into the kernel or go around this. What asks is told that the kernel has no such thing, so that it
/// does without. Holds for all that is started from here on, and cannot be undone. Allocates nothing.
/// @return false: the kernel refused
/// @source seccomp(2); keyrings(7); vsock(7)
bool take_away_calls();

}  // namespace thimble::host
