#pragma once
/// @file Asks that this machine does not go down or to sleep, by logind's lock of that name, and whether others do.

#include "thimble/host/talking_program.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::host {

/// The program that holds the lock for as long as its standard input is open, and says again what it hears there.
/// @source systemd-inhibit(1); the kinds of locks: org.freedesktop.login1(5)
std::vector<std::string> shutdown_hold_command();

/// Who is asked whether this machine goes down or to sleep; an empty argument vector: nobody.
struct ShutdownQuestions {
    /// Prints PreparingForShutdown and PreparingForSleep as busctl does, a line each: while one of them is true logind refuses the lock.
    /// @source org.freedesktop.login1(5)
    std::vector<std::string> preparing{
        "busctl",
        "get-property",
        "org.freedesktop.login1",
        "/org/freedesktop/login1",
        "org.freedesktop.login1.Manager",
        "PreparingForShutdown",
        "PreparingForSleep"};
    /// Prints "stopping" once services are ended, logind among them. @source systemctl(1)
    std::vector<std::string> state{"systemctl", "is-system-running"};
};

/// @param patience  how long each answer may take
/// @return "the machine is going down", or to sleep; empty: it is not, or nobody can be asked, as in a container
std::string going_down(const ShutdownQuestions& questions, std::chrono::milliseconds patience);

/// Whether somebody keeps this machine from going down.
enum class Inhibition : std::uint8_t { None, Inhibited, Unknown };

/// The program that prints what is inhibited, as busctl does of logind's BlockInhibited: `s "shutdown:sleep"`.
/// @source org.freedesktop.login1(5)
std::vector<std::string> inhibition_question();

/// Reads that. What is no such answer is Unknown.
Inhibition parse_inhibition(std::string_view printed);

/// Asks logind.
/// @param question  inhibition_question, else of a test
/// @param patience  how long the answer may take
/// @return Unknown: it gives none, or is not there
Inhibition shutdown_inhibition(
    const std::vector<std::string>& question, std::chrono::milliseconds patience);

/// While it lives, root has to insist before the machine goes down, sleeps, or counts as idle; `systemctl --force`, and programs of
/// root without a terminal that do not ask, may pass over it. It ends at once with this; where our process is killed it ends with the
/// last program that was handed its end: a transaction that outlives us is not cut off.
/// Where there is no logind nothing is held, and that is said; where the machine goes down already, it is said that it does.
class ShutdownHold {
public:
    /// Nothing is held, and nothing is said about it.
    ShutdownHold() = default;

    /// @param argv     of shutdown_hold_command, else of a test
    /// @param questions asked where the lock is refused
    /// @param patience  how long each answer may take
    static ShutdownHold take(
        const std::vector<std::string>& argv,
        const ShutdownQuestions& questions,
        std::chrono::milliseconds patience);

    [[nodiscard]] bool is_held() const { return holder_.has_value(); }
    /// What a program is handed as `Command::held`, which it then keeps up; -1: nothing is held.
    [[nodiscard]] int end() const { return holder_ ? holder_->socket().number() : -1; }
    /// For the record, one sentence without its period: what systemd is asked for, or why it is not.
    [[nodiscard]] const std::string& words() const { return words_; }
    /// Why nothing may be begun; empty: nothing is known to keep from it.
    [[nodiscard]] const std::string& obstacle() const { return obstacle_; }

private:
    std::string words_;
    std::string obstacle_;
    std::optional<TalkingProgram> holder_;
};

}  // namespace thimble::host
