#pragma once
/// @file The processes of an enclosure: the one that it lives by, and those that are let in. Private to
/// this folder.

#include "thimble/base/result.hpp"
#include "thimble/host/conversation.hpp"
#include "thimble/host/enclosure_mounts.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {

/// Process 1 of an enclosure. When it dies, everything in the enclosure dies and all mounts go. It dies
/// when its control pipe closes: with this, or with our process in whatever way.
class EnclosureKeeper {
public:
    /// @param lock  descriptor that it holds on to, so that the folder counts as in use until it is gone
    static Result<EnclosureKeeper> start(const EnclosureBuild& build, int lock);

    EnclosureKeeper(EnclosureKeeper&& other) noexcept
        : pid_(std::exchange(other.pid_, 0)),
          control_(std::move(other.control_)),
          made_(std::move(other.made_)) {}
    EnclosureKeeper& operator=(EnclosureKeeper&& other) noexcept {
        std::swap(pid_, other.pid_);
        std::swap(control_, other.control_);
        std::swap(made_, other.made_);
        return *this;
    }
    EnclosureKeeper(const EnclosureKeeper&) = delete;
    EnclosureKeeper& operator=(const EnclosureKeeper&) = delete;
    ~EnclosureKeeper();

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Paths that were made in the root to mount something on.
    [[nodiscard]] const std::vector<std::string>& made() const { return made_; }
    /// Kills process 1, and with it all others. Those that were let in must be waited for first: the
    /// kernel lets process 1 go only when no other is left.
    void kill() const;

private:
    EnclosureKeeper(pid_t pid, Descriptor control) : pid_(pid), control_(std::move(control)) {}

    pid_t pid_;
    Descriptor control_;
    std::vector<std::string> made_;
};

/// The namespaces of a running enclosure.
class Namespaces {
public:
    /// @param group  ProcessLimit::door; outlives this
    static Result<Namespaces> of(pid_t process, int group = -1);
    /// Moves the calling process; only its children are in the PID namespace.
    /// @return false: not all could be entered, or their root is not the enclosure's; then nothing may
    ///         be done any more
    [[nodiscard]] bool enter() const;
    /// Puts the calling process under the enclosure's bound on processes.
    [[nodiscard]] bool come_under_bound() const;
    /// Tries it in a process of its own.
    [[nodiscard]] bool can_enter() const;
    [[nodiscard]] int network() const { return files_[kNetwork].second.number(); }

private:
    static constexpr std::size_t kNetwork = 3;
    int group_ = -1;
    Descriptor root_;                                  // of the process
    std::array<std::pair<int, Descriptor>, 5> files_;  // clone flag and descriptor; mount last
};

/// A program that was let in. Its supervisor is our child and ends as the program does.
struct LetIn {
    pid_t supervisor = 0;  ///< as we number it
    pid_t inside = 0;      ///< the same as the enclosure numbers it
};

/// How long the supervisor stays.
enum class Staying : std::uint8_t {
    WithTheProgram,  ///< what the program leaves running goes on without it
    UntilAllEnd,     ///< until everything that the program started has ended too
};

/// Starts a program within, with the rights that a package manager needs and no more, an environment
/// of its own, no terminal, and none of our descriptors but `ends`.
/// @error NotFound: no such program
Result<LetIn> let_in(
    const Namespaces& namespaces, const Command& command, const ChildEnds& ends, Staying staying);

/// Kills what was let in with all that it started, also what has left its process group. Then only the
/// supervisor is left to be waited for.
void kill_with_descendants(const Namespaces& namespaces, const LetIn& program);

/// Kills all that runs within but process 1: what earlier programs left running, too.
void kill_all(const Namespaces& namespaces, const LetIn& program);

}  // namespace thimble::host
