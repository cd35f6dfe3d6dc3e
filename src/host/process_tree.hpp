#pragma once
/// @file A process of this machine with everything that it started.

#include <sys/types.h>

#include <string_view>
#include <vector>

namespace thimble::host {

/// The parent in a line of /proc/<pid>/stat; 0 when it cannot be read.
/// @source proc(5): the name in parentheses may hold anything
pid_t parent_in_stat(std::string_view line);

/// Everything that descends from a process, as /proc shows it; parents before children.
struct Descendants {
    std::vector<pid_t> pids;
    /// False: the parent of some process was gone before it was seen, so whose that one is, is unknown.
    bool complete = true;
};

Descendants descendants_of(pid_t ancestor);

/// Stops all that descend from a process, parents before children, until a look shows nobody new.
/// @return those of the last look
Descendants stop_descendants(pid_t ancestor);

/// Kills stopped processes, the last of the list first. A parent's death may hang up a terminal that it
/// held, or orphan a group, and the kernel then continues who is stopped: rpm, for one, whose script is
/// gone as well, would go on to its next step.
void kill_children_first(const std::vector<pid_t>& tree);

/// Kills `root`, which is a child of ours, and its descendants, also those that began a session of their
/// own. They are stopped first, parents before children, so that none can start another meanwhile, and
/// killed children before parents, so that none goes on because another is gone. What has gone into
/// the background and has no parent but init any more is no descendant: it lives on.
void kill_process_tree(pid_t root);

}  // namespace thimble::host
