#pragma once
/// @file How a host over SSH is reached, and by which key it is known. Pure.

#include "thimble/base/result.hpp"
#include "thimble/host/ssh_target.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::agent {

/// What ssh.json in the folder of such a host says (docs/formats/agent-state.md).
struct SshSettings {
    std::string address;  ///< ssh://[user@]name[:port], one that parse_ssh_target reads
    std::string key;      ///< file of the key to sign in with; empty: ssh's own choice
    bool sudo = false;    ///< the user there becomes root by sudo, which asks nothing
    bool operator==(const SshSettings&) const = default;
};

std::string format_ssh_settings(const SshSettings& settings);
/// @error Corrupt "agent.bad_state"
Result<SshSettings> parse_ssh_settings(std::string_view text);

/// A public key of a host: "ssh-ed25519 AAAA…". Read from a line of a .pub file or of a known_hosts file.
/// @error Invalid "agent.bad_host_key"
Result<std::string> parse_host_key(std::string_view line);

/// As ssh-keygen prints it: "SHA256:…".
/// @param key  one that parse_host_key gave
std::string fingerprint_of_key(std::string_view key);

/// The keys that ssh-keyscan printed, in its order; what is no key is passed over.
std::vector<std::string> keys_in_scan(std::string_view text);

/// Under this name a host's key stands in the known_hosts of its folder: a host that moves to another port or address
/// keeps its key, and no other key is valid for it.
constexpr std::string_view kHostKeyAlias = "thimble-host";

/// What ssh is told for such a host: no file of settings but ours, no key but the one in known_hosts.
/// @param known_hosts  a path without blanks
std::vector<std::string> ssh_options(
    const SshSettings& settings, const std::filesystem::path& known_hosts);

/// The name of the folder of a host: never one that leads elsewhere.
std::string folder_name_of(const host::SshTarget& target);

}  // namespace thimble::agent
