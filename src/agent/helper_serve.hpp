#pragma once
/// @file The root helper: takes signed jobs from a Unix socket, checks them itself, carries them out.

#include "thimble/agent/helper_link.hpp"
#include "thimble/agent/job_command.hpp"
#include "thimble/agent/job_outcome.hpp"
#include "thimble/agent/owner_hook.hpp"
#include "thimble/agent/reboot.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/protocol/admit_job.hpp"

#include <sys/types.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace thimble::agent {

struct HelperOptions {
    std::filesystem::path state;  ///< identity.json, taken jobs, plans, answers
    std::filesystem::path socket;
    uid_t peer = 0;  ///< who may connect: the agent's user
    gid_t peer_group = 0;
    JobPlaces places;
    RebootMeans reboot;
    HookPlace hooks;
};

/// One connection of the agent, for one job. Lines in, lines out.
class HelperConversation {
public:
    explicit HelperConversation(host::Descriptor socket) : in_(std::move(socket)) {}
    /// Over two streams; SIGPIPE must be ignored.
    HelperConversation(host::Descriptor in, host::Descriptor out)
        : in_(std::move(in)), out_(std::move(out)), is_socket_(false) {}

    /// The next line of the agent.
    /// @error Unavailable "agent.helper_gone"  it went away, or said nothing for so long
    Result<HelperQuestion> question(std::chrono::milliseconds wait);

    /// An agent that has gone away hears nothing; the job goes on.
    void say(const HelperAnswer& answer);

private:
    host::Descriptor in_;
    host::Descriptor out_;  ///< of two streams; a socket is `in_` alone
    bool is_socket_ = true;
    LineBuffer lines_;
    std::vector<std::string> waiting_;
};

/// Carries out one job after the other, never two at once.
class RootHelper {
public:
    /// @error NotFound, Corrupt: not enrolled, or a damaged list of what was taken
    static Result<RootHelper> open(HelperOptions options, const Clock& clock);

    /// Reads an envelope, checks it, carries the job out, answers. Every refusal is an answer.
    void converse(HelperConversation& agent);

private:
    RootHelper(
        HelperOptions options,
        const Clock& clock,
        protocol::HostIdentity identity,
        protocol::SeenJobs seen);

    Result<HelperAnswer> answer_to(const std::string& text, HelperConversation& agent);
    Result<HelperAnswer> answer_to_admitted(const protocol::Job& job, HelperConversation& agent);
    Result<HelperAnswer> answer_again(const protocol::Job& job);
    /// What is run when a job was broken off.
    [[nodiscard]] Result<host::Outcome> resume(const protocol::Job& job) const;
    Result<protocol::LeaseGrant, protocol::JobRefusal> confirm_lease(
        const protocol::Job& job, HelperConversation& agent) const;
    [[nodiscard]] JobOutcome restart(const protocol::Job& job, bool is_begun) const;
    /// What was left of a job when this program was killed in it.
    [[nodiscard]] JobOutcome bring_into_order(const protocol::Job& job) const;
    /// The job with the hooks around it.
    /// @param approval  evidence that came with the grant of the lease; may be empty
    HelperAnswer carry_out(
        const protocol::Job& job, std::string approval, HelperConversation& agent);
    JobOutcome work(
        const protocol::Job& job, const std::string& approval, HelperConversation& agent);
    /// Where things are for one job: with what people must have signed, where the owner asks for it.
    [[nodiscard]] Result<JobPlaces> places_with(const std::string& approval) const;
    /// Lays down what the program of a job reads, and sees that there is what it is about.
    /// @error NotFound, Unavailable: why the job cannot be carried out
    [[nodiscard]] Result<void> prepare(const protocol::Job& job) const;
    /// Whether one more port of another host may be tried in this minute: no server makes a scanner of this host.
    bool may_probe();
    /// What a prefetch has frozen; with the digest it goes into the outcome.
    std::vector<std::string> plan_documents(JobOutcome& outcome) const;
    /// What a job gives besides its answer.
    std::vector<std::string> documents_of(const protocol::Job& job, JobOutcome& outcome) const;
    void offer_documents(const protocol::Job& job, JobOutcome& outcome) const;
    Result<void> take(const protocol::Job& job);
    Result<HelperAnswer> keep(const HelperAnswer& answer);
    [[nodiscard]] std::filesystem::path answer_file(const std::string& job) const;

    HelperOptions options_;
    const Clock& clock_;
    protocol::HostIdentity identity_;
    protocol::SeenJobs seen_;
    std::deque<Instant> probed_at_;  ///< when ports of others were tried in the last minute
};

/// Listens, and serves one connection after the other; those of other users are closed at once.
/// @error Denied, Unavailable "agent.no_socket"
Result<void> serve_helper(
    const HelperOptions& options,
    RootHelper& helper,
    const std::function<void(const std::string&)>& log);

}  // namespace thimble::agent
