#pragma once
/// @file What all ways of running a program share: its pipes, its limits, and hearing what it says.
/// Private to this folder.

#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"

#include <sys/types.h>

#include <functional>

namespace thimble::host {

struct Pipe {
    Descriptor read_end;
    Descriptor write_end;
};

/// Both ends are closed on exec.
Result<Pipe> make_pipe();

/// The child's ends of its pipes, for its descriptors 0 to 3; -1: none.
struct ChildEnds {
    int input = -1;
    int output = -1;
    int errors = -1;  ///< -1: standard error stays ours
    int status = -1;
};

/// How a program is brought to life, watched and ended.
struct Supervision {
    /// The child must be ours to wait for.
    std::function<Result<pid_t>(const Command&, const ChildEnds&)> start;
    /// Kills the child and whatever it started.
    std::function<void(pid_t)> kill;
    /// May be empty. Asked several times a second; an error kills the program and is the result.
    std::function<Result<void>()> watch;
};

/// Starts the program, gives it its input, takes what it says, and waits for it within the limits of
/// the command. What the program leaves running in the background may hold its streams open: they
/// are heard for one more second after it has ended.
/// @error as Host::run
Result<Outcome> converse(const Command& command, const Supervision& supervision);

/// 128 + signal when it was killed.
int wait_for(pid_t child);

}  // namespace thimble::host
