#pragma once
/// @file A host without an agent, reached over SSH: its root helper is started there when there is something to do.

#include "thimble/agent/delivery.hpp"
#include "thimble/agent/reach.hpp"
#include "thimble/agent/ssh_settings.hpp"
#include "thimble/agent/turns.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/ssh_target.hpp"
#include "thimble/protocol/admit_job.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace thimble::agent {

/// Where the files of a host lie on the connector, beside those of AgentFolder.
struct SshFolder {
    std::filesystem::path path;
    [[nodiscard]] std::filesystem::path settings() const { return path / "ssh.json"; }
    [[nodiscard]] std::filesystem::path known_hosts() const { return path / "known_hosts"; }
};

/// What all hosts of one relay share. It outlives them.
struct RelayMeans {
    RelayMeans(Delivery given, std::ptrdiff_t at_once);

    Delivery delivery;
    Turns looks;       ///< connections that end within minutes
    Turns jobs;        ///< those that last as long as a job
    Turns deliveries;  ///< each holds an archive in memory
};

/// Calls programs on one host. What comes back is bounded, and nothing of it is trusted.
class SshDoor {
public:
    /// @param folder  where ssh.json and known_hosts are
    /// @error NotFound, Corrupt "agent.bad_state"; Invalid "agent.bad_folder"
    static Result<SshDoor> open(const SshFolder& folder);

    /// One connection to the host, and the answers to these questions.
    /// @error Unavailable "agent.host_away"
    [[nodiscard]] Result<std::unique_ptr<host::Host>> connect(
        std::span<const host::Question> questions) const;

    /// The argument vector that runs a program there as root.
    [[nodiscard]] std::vector<std::string> root_words(std::vector<std::string> program) const;

    struct Limits {
        std::chrono::milliseconds time = std::chrono::minutes(1);
        std::size_t output = std::size_t{64} << 10;
    };
    /// Runs a program there as root.
    /// @error Unavailable "agent.host_away": there is no connection
    [[nodiscard]] Result<host::Outcome> run(
        std::vector<std::string> program, std::string input, Limits limits) const;

    /// Sees to it that the programs are there, and that those of other versions go in time.
    /// @error Unavailable "agent.host_away", "agent.not_delivered"
    [[nodiscard]] Result<void> deliver(RelayMeans& means) const;

    /// Tells the root helper there who its host is; what was of an earlier enrolment goes.
    /// @error Unavailable "agent.host_away", "agent.helper_gone"
    [[nodiscard]] Result<void> tell_identity(
        const Delivery& delivery, const protocol::HostIdentity& identity) const;

private:
    SshDoor(host::SshTarget target, std::vector<std::string> options, bool sudo);

    host::SshTarget target_;
    std::vector<std::string> options_;
    bool sudo_;
};

/// The argument vector of a program that was delivered, and the arguments of the root helper.
std::vector<std::string> delivered_program(
    const Delivery& delivery, std::string_view name, std::vector<std::string> arguments);

class SshReach final : public Reach {
public:
    SshReach(SshDoor door, RelayMeans& means);

    Result<std::string> look() override;
    Result<HeldDocuments> refresh(
        const AgentFolder& folder, const HeldDocuments& held, Instant now) override;
    Result<HelperLink> open_helper() override;
    Result<std::vector<std::string>> take(
        const AgentFolder& folder, const std::vector<std::string>& digests) override;

private:
    /// Asks once an hour, and after what went wrong.
    Result<void> have_programs();

    SshDoor door_;
    RelayMeans& means_;
    std::string fingerprint_;  ///< of the last look
    std::chrono::steady_clock::time_point delivered_until_;
};

}  // namespace thimble::agent
