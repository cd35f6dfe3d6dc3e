#pragma once
/// @file How ssh is called: as an argument vector, in batch mode, with nothing forwarded.

#include "thimble/host/ssh_target.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::host {

/// The status with which ssh itself ends when it has no connection.
/// @source ssh(1), EXIT STATUS
constexpr int kNoSshConnection = 255;

/// The argument vector that runs a program on a host. ssh joins the remote words by blanks for the login shell
/// there: each is quoted unless it is plain.
/// @param options  further arguments for ssh, one a word: "-i", "/path/of/key"
/// @param remote   the program there and its arguments; without NUL
std::vector<std::string> ssh_words(
    const SshTarget& target,
    std::span<const std::string> options,
    std::span<const std::string> remote);

/// What a program said last, for a person: its last lines as one, printable, at most 500 bytes.
std::string last_words(std::string_view errors);

}  // namespace thimble::host
