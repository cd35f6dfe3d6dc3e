#pragma once
/// @file The agent's end of the socket to the root helper.

#include "thimble/agent/helper_messages.hpp"
#include "thimble/agent/turns.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/talking_program.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace thimble::agent {

/// Cuts a stream into lines, within a limit.
class LineBuffer {
public:
    /// @error Corrupt "agent.bad_helper_message"  a line is too long
    Result<std::vector<std::string>> add(std::string_view bytes);

private:
    std::string held_;
};

/// Writes a line to a socket.
/// @error Unavailable "agent.helper_gone"
Result<void> send_line(const host::Descriptor& socket, const std::string& line);

/// A connection for one job.
class HelperLink {
public:
    /// @error Unavailable "agent.no_helper"
    static Result<HelperLink> open(const std::filesystem::path& socket);

    /// Over a program that has the helper at its other end, as ssh has; it ends with this.
    /// @param limit  after so long the helper counts as gone
    /// @param turn   is held as long as this
    static HelperLink over(
        host::TalkingProgram program, std::chrono::milliseconds limit, Turn turn);

    Result<void> send(const HelperQuestion& question);

    /// Waits for what the helper says, at most so long.
    /// @return none or more answers
    /// @error Unavailable "agent.helper_gone"; Corrupt "agent.bad_helper_message"
    Result<std::vector<HelperAnswer>> hear(std::chrono::milliseconds wait);

private:
    [[nodiscard]] const host::Descriptor& socket() const;
    Error gone();

    host::Descriptor socket_;
    Turn turn_;
    std::optional<host::TalkingProgram> program_;
    std::optional<std::chrono::steady_clock::time_point> give_up_;
    LineBuffer lines_;
};

}  // namespace thimble::agent
