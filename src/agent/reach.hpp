#pragma once
/// @file How the network half of an agent reaches its host: this machine, or one over SSH.

#include "thimble/agent/agent_folder.hpp"
#include "thimble/agent/helper_link.hpp"
#include "thimble/agent/inventory_documents.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace thimble::agent {

/// One host. Not for use by two threads at once.
class Reach {
public:
    Reach() = default;
    Reach(const Reach&) = delete;
    Reach& operator=(const Reach&) = delete;
    Reach(Reach&&) = delete;
    Reach& operator=(Reach&&) = delete;
    virtual ~Reach() = default;

    /// Looks whether the host is there.
    /// @return what changes with every boot of it
    /// @error Unavailable "agent.host_away": to check in would be to claim that it lives
    virtual Result<std::string> look() = 0;

    /// Which documents describe the host now; read anew when something has changed since.
    virtual Result<HeldDocuments> refresh(
        const AgentFolder& folder, const HeldDocuments& held, Instant now) = 0;

    /// A connection to the root helper, for one job.
    /// @error Unavailable "agent.no_helper"; "agent.host_away"
    virtual Result<HelperLink> open_helper() = 0;

    /// Takes documents over that a job of the root helper gave: each must be what its digest says.
    /// @return the digests of those that were taken; those that the helper does not have any more are left out
    /// @error Unavailable: ask again
    virtual Result<std::vector<std::string>> take(
        const AgentFolder& folder, const std::vector<std::string>& digests) = 0;
};

/// This machine, with a root helper at a socket.
class LocalReach final : public Reach {
public:
    /// @param root  a directory that stands for the host; empty: this machine
    LocalReach(std::filesystem::path helper_socket, std::string root);

    Result<std::string> look() override;
    Result<HeldDocuments> refresh(
        const AgentFolder& folder, const HeldDocuments& held, Instant now) override;
    Result<HelperLink> open_helper() override;
    Result<std::vector<std::string>> take(
        const AgentFolder& folder, const std::vector<std::string>& digests) override;

private:
    std::filesystem::path helper_socket_;
    std::string root_;
};

}  // namespace thimble::agent
