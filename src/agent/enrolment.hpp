#pragma once
/// @file Enrolling a host, and renewing its certificate.

#include "thimble/agent/agent_folder.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace thimble::agent {

/// What a host is, as the server is told.
struct HostFacts {
    std::string name;
    std::string operating_system;
    std::string architecture;
    std::string machine;          ///< see machine_digest
    std::string reach = "agent";  ///< or "ssh"
    bool operator==(const HostFacts&) const = default;
};

/// What tells the server that the same machine enrols again, and nobody which one it is.
/// @param machine_id  as in /etc/machine-id; empty: it has none
/// @return SHA-256 in hexadecimal; empty likewise
/// @source machine-id(5): the id itself must not leave the machine
std::string machine_digest(std::string_view machine_id);

struct EnrolOrder {
    std::string url;
    std::string token;
    AgentFolder agent;
    /// Makes sure that the root helper can be told, before the token is used.
    std::function<Result<void>()> get_ready;
    /// Gives the root helper what it must know; see keep_identity.
    std::function<Result<void>(const protocol::HostIdentity&)> tell_helper;
    HostFacts facts;
    std::string agent_user;  ///< who owns the agent's folder then; empty: whoever runs this
};

/// The server that a host has enrolled with.
/// @error NotFound "agent.not_enrolled"; Corrupt "agent.bad_state"; that of the file
Result<KnownServer> enrolled_server(const AgentFolder& folder);

/// Writes identity.json into the folder of a root helper, and forgets what was of an earlier host there.
Result<void> keep_identity(
    const std::filesystem::path& helper, const protocol::HostIdentity& identity);

/// Makes a key, gets a certificate, keeps both. What was there of an earlier enrolment, its unsent reports
/// too, goes once the server has agreed. Neither agent nor helper may run meanwhile.
/// What can be told without the server is told before the token is used.
/// @return the host's id
/// @error Invalid "protocol.bad_token", "agent.bad_url"; Denied "agent.not_authentic", "server.bad_token", "agent.needs_root";
///        NotFound "agent.no_user"
Result<std::string> enrol(const EnrolOrder& order);

/// Gets a new certificate for the same key when less than a third of the time is left.
/// @return whether it was renewed
Result<bool> renew_if_due(const AgentFolder& folder, ServerConnection& connection, Instant now);

}  // namespace thimble::agent
