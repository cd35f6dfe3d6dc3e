#pragma once
/// @file What root may do in an enclosure. Private to this folder.

namespace thimble::host {

/// Gives up every right with which a process could reach the machine beneath: mounts, other processes'
/// memory, modules, raw disks, the clock, files by handle. Cannot be undone, also not by exec.
/// @return false: the kernel refused
bool give_up_rights();

}  // namespace thimble::host
