#pragma once
/// @file The loop of an agent: carries out what agent_step decides.

#include "thimble/agent/agent_folder.hpp"
#include "thimble/agent/agent_step.hpp"
#include "thimble/agent/helper_link.hpp"
#include "thimble/agent/reach.hpp"
#include "thimble/agent/report_journal.hpp"
#include "thimble/base/instant.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace thimble::agent {

struct RunOptions {
    AgentFolder folder;
    std::unique_ptr<Reach> reach;
};

/// One agent. Blocks; a kill at any instant loses nothing.
class AgentRun {
public:
    /// @error NotFound "agent.not_enrolled"; Conflict "agent.runs_already"; Corrupt "agent.bad_journal"
    static Result<AgentRun> open(
        RunOptions options, const Clock& clock, std::function<void(const Error&)> complain);

    /// Until the server refuses this host for good.
    /// @error Denied "agent.stopped"
    Result<void> run();

    /// Checks in, and sends what is asked for and all reports; begins no job.
    /// @error the first failure
    Result<void> check_in_once();

    [[nodiscard]] const AgentState& state() const { return state_; }

private:
    AgentRun(
        RunOptions options,
        const Clock& clock,
        ServerConnection connection,
        ReportJournal journal,
        AgentMemory memory);

    void note(const Event& event);
    Result<void> carry_out(const Action& action);
    Result<void> check_in();
    /// @error Unavailable "agent.host_away"
    Result<void> look();
    Result<void> send_document(const std::string& digest);
    Result<void> send_reports(std::uint64_t after_sequence);
    /// Reads the documents anew where something has changed.
    void refresh(Instant now);
    [[nodiscard]] protocol::CheckIn facts() const;
    /// Whether the host is not any more as it said; looks a few times a minute at most.
    /// @error Unavailable "agent.host_away"
    Result<bool> has_changed();
    Result<void> ask_for_work(const AskForWork& asking);
    Result<std::string> wait_for_work(const AskForWork& asking);
    void begin_job(const protocol::WaitingJob& job);
    /// Why a job does not begin, once for each: the server has no other way to know.
    void tell_wait(const std::string& job, const Error& error);
    /// That it has: likewise.
    void tell_begin(const std::string& job);
    void rest(Instant until);
    void hear_helper(std::chrono::milliseconds wait);
    void take_answer(const HelperAnswer& answer);
    void take_result(const HelperAnswer& answer);
    void ask_for_lease(const HelperAnswer& answer);
    /// The job goes back to those that wait.
    void let_go();
    void end_job(const std::string& kind, const std::string& content);
    bool write(std::span<const Entry> entries);

    RunOptions options_;
    const Clock& clock_;
    ServerConnection connection_;
    ReportJournal journal_;
    AgentMemory memory_;
    AgentState state_;
    HeldDocuments documents_;
    std::string told_;  ///< digest of the facts of the last check-in
    Instant looked_at_;
    std::optional<HelperLink> helper_;
    std::string told_wait_;   ///< id of the job of which it was told last why it does not begin
    std::string told_begin_;  ///< likewise that it does
    std::string sealed_job_;  ///< id of the job that the helper has, as it was signed
    bool reads_anew_ =
        false;  ///< after the job that runs: it changes what listens, or looks at that
    std::function<void(const Error&)> complain_;
};

}  // namespace thimble::agent
