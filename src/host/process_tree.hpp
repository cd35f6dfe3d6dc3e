#pragma once
/// @file A process of this machine with everything that it started.

#include <sys/types.h>

#include <string_view>

namespace thimble::host {

/// The parent in a line of /proc/<pid>/stat; 0 when it cannot be read.
/// @source proc(5): the name in parentheses may hold anything
pid_t parent_in_stat(std::string_view line);

/// Kills `root`, which is a child of ours, and its descendants, also those that began a session of their
/// own. They are stopped first, parents before children, so that none can start another meanwhile. What
/// has gone into the background and has no parent but init any more is no descendant: it lives on.
void kill_process_tree(pid_t root);

}  // namespace thimble::host
