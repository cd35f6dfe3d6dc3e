#pragma once
/// @file The state directory of an agent: who it is, and whom it believes.

#include "thimble/agent/server_connection.hpp"
#include "thimble/base/result.hpp"
#include "thimble/protocol/admit_job.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace thimble::agent {

/// Where things lie (docs/formats/agent-state.md).
struct AgentFolder {
    std::filesystem::path path;
    [[nodiscard]] std::filesystem::path server() const { return path / "server.json"; }
    [[nodiscard]] std::filesystem::path key() const { return path / "host.key"; }
    [[nodiscard]] std::filesystem::path certificate() const { return path / "host.crt"; }
    [[nodiscard]] std::filesystem::path authority() const { return path / "authority.crt"; }
    [[nodiscard]] std::filesystem::path reports() const { return path / "reports"; }
    [[nodiscard]] std::filesystem::path memory() const { return path / "memory.json"; }
    [[nodiscard]] std::filesystem::path cache() const { return path / "apt"; }
    [[nodiscard]] Trust trust() const {
        return {
            .pinned_authority = {},
            .authority = authority(),
            .certificate = certificate(),
            .key = key()};
    }
};

/// The server that a host has enrolled with.
struct KnownServer {
    std::string url;
    std::string host;  ///< id that the server gave
    bool operator==(const KnownServer&) const = default;
};

std::string format_known_server(const KnownServer& server);
/// @error Corrupt "agent.bad_state"
Result<KnownServer> parse_known_server(std::string_view text);

/// What outlives the process but for the journal.
struct AgentMemory {
    std::string boot_id;                  ///< of the boot that the sequence counts in
    std::uint64_t check_in_sequence = 0;  ///< of the last check-in
    std::string sent_packages;            ///< digest of the package list that the server took last
    bool operator==(const AgentMemory&) const = default;
};

std::string format_memory(const AgentMemory& memory);
/// @error Corrupt "agent.bad_state"
Result<AgentMemory> parse_memory(std::string_view text);

/// What the root helper keeps of the enrolment, in a folder of its own.
std::string format_identity(const protocol::HostIdentity& identity);
/// @error Corrupt "agent.bad_state"
Result<protocol::HostIdentity> parse_identity(std::string_view text);

}  // namespace thimble::agent
