#pragma once
/// @file Asks that this machine does not go down or to sleep, by logind's lock of that name.

#include "thimble/host/file_access.hpp"
#include "thimble/host/talking_program.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace thimble::host {

/// The program that holds the lock for as long as its standard input is open, and says again what it hears there.
/// @source systemd-inhibit(1); the kinds of locks: org.freedesktop.login1(5)
std::vector<std::string> shutdown_hold_command();

/// While it lives, and while a program that was started meanwhile lives, root has to insist before the machine goes down,
/// sleeps, or counts as idle; `systemctl --force`, and programs of root without a terminal that do not ask, may pass over it. It ends at once with this; where our process is killed it ends with the last program that we
/// started, since that has inherited the end that is held: a transaction that outlives us is not cut off.
/// Where there is no logind nothing is held, and that is said.
class ShutdownHold {
public:
    /// Nothing is held, and nothing is said about it.
    ShutdownHold() = default;

    /// @param argv     of shutdown_hold_command, else of a test
    /// @param patience how long the answer may take
    static ShutdownHold take(
        const std::vector<std::string>& argv, std::chrono::milliseconds patience);

    [[nodiscard]] bool is_held() const { return holder_.has_value(); }
    /// For the record, one sentence without its period: what systemd is asked for, or why it is not.
    [[nodiscard]] const std::string& words() const { return words_; }

private:
    std::string words_;
    std::optional<TalkingProgram> holder_;
    Descriptor inherited_;  ///< another number of our end, which every program that we start gets
};

}  // namespace thimble::host
