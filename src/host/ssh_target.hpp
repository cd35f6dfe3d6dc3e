#pragma once
/// @file Where to reach a host over SSH, and words that a remote shell takes as they are.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::host {

/// The parts of ssh://[user@]name[:port].
struct SshTarget {
    std::string user;  ///< empty: as ssh's configuration has it
    std::string name;
    std::uint16_t port = 0;  ///< 0: as ssh's configuration has it
    bool operator==(const SshTarget&) const = default;
};

/// Reads `ssh://user@name:port`; user and port may be missing, an IPv6 address stands in brackets.
/// Names that ssh could take for an option, or that hold anything but letters, digits and `._-:%`,
/// are refused.
/// @error Invalid "host.bad_target"
Result<SshTarget> parse_ssh_target(std::string_view text);

/// `word` as one word of a POSIX shell, whatever it holds but NUL.
std::string shell_quoted(std::string_view word);

}  // namespace thimble::host
