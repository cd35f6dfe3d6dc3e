#pragma once
/// @file The root helper on a host over SSH: one conversation over standard input and output, then it ends.

#include "thimble/agent/helper_serve.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace thimble::agent {

/// Leaves behind what sshd, sudo and whoever signed in have set: programs of packages are started from here.
void take_plain_surroundings();

/// Calls `serve` in a process of its own, in a session of its own, which ignores hang-ups: the connection may end, what
/// has begun goes on to its end.
/// @return the exit status of that process
int outlive_connection(const std::function<int()>& serve);

/// Waits until no other helper of this folder is at work: one from a connection that was lost may be.
/// @return a lock, held as long as it is open
/// @error Unavailable "agent.helper_gone": standard input ended meanwhile
Result<host::Descriptor> wait_for_turn(const std::filesystem::path& state);

/// When it is our turn, holds one conversation.
/// @param own  the folder of the running program; see drop_old_programs
/// @error as wait_for_turn and RootHelper::open
Result<void> serve_streams(
    const HelperOptions& options, const Clock& clock, const std::filesystem::path& own);

/// Of the folders of programs beside ours the newest stays: what an earlier helper has left at work may need it.
/// Nothing is done when `own` is not such a folder.
/// @param own  the folder of the running program
void drop_old_programs(const std::filesystem::path& own);

}  // namespace thimble::agent
