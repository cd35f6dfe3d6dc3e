#pragma once
/// @file Drives compensating controls: what was asked for becomes jobs, what hosts report moves them, and what counts
/// is put before the decisions. Within transactions; the decisions are those of the rollout and of prioritize.

#include "thimble/base/instant.hpp"
#include "thimble/prioritize/shield.hpp"
#include "thimble/rollout/control_course.hpp"
#include "thimble/rollout/policy.hpp"
#include "thimble/server/context.hpp"
#include "thimble/server/parse_job_report.hpp"
#include "thimble/store/controls.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::server {

/// Who moved something, and what was said.
struct ControlWord {
    std::string actor;   ///< for the audit log
    std::string action;  ///< of the check; empty: nothing was said of the host
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string said = {};
    std::string document = {};
    std::string why = {};
    // NOLINTEND(readability-redundant-member-init)
};

/// One control in one transaction.
class ControlCourse {
public:
    /// @error NotFound "server.no_control"
    static Result<ControlCourse> open(
        Context& context, store::Connection& connection, Trail& trail, const std::string& id);

    [[nodiscard]] const store::ControlRecord& record() const { return record_; }
    [[nodiscard]] std::span<store::ControlHost> hosts() { return hosts_; }
    /// The host of that id; nullptr: it has none.
    store::ControlHost* find_host(std::string_view id);

    /// Its document, interval or approval changes; kept by `settle`.
    store::ControlRecord& change() { return record_; }

    /// Takes what happened into one host: the state, what was said, the audit log, and the judgement of that host.
    /// What is to be taken away loses the job that it has.
    /// @param event  none: something was said that moves nothing
    Result<void> happen(
        store::ControlHost& host,
        std::optional<rollout::ControlEvent> event,
        const ControlWord& word);
    /// Into the control itself and all of its hosts.
    Result<void> happen_everywhere(rollout::ControlEvent event, const ControlWord& word);

    /// Whether a control still has a reason on one of its hosts: without one it is proposed for removal, or removed.
    Result<void> take_reason(store::ControlHost& host, bool is_needed);

    /// Hosts that have come into the scope, and those that have left it.
    Result<void> follow_scope(std::span<const rollout::HostFacts> candidates);

    /// What time has brought about; then the jobs that are due, and the state of the whole.
    Result<void> settle();

private:
    ControlCourse(Context& context, store::Connection& connection, Trail& trail)
        : context_(context), connection_(connection), trail_(trail) {}

    Result<void> move(
        store::ControlHost& host, rollout::ControlState state, const ControlWord& word);
    Result<void> leave_scope(store::ControlHost& host, bool is_there);
    Result<void> come_back(store::ControlHost& host, rollout::ControlState first);
    Result<void> withdraw_job(store::ControlHost& host);
    Result<void> give_job(store::ControlHost& host, rollout::ControlJob job);
    Result<void> settle_host(store::ControlHost& host, bool is_halted);

    Context& context_;
    store::Connection& connection_;
    Trail& trail_;
    store::ControlRecord record_;
    std::vector<store::ControlHost> hosts_;
};

/// The end of a job about a control. A job that is no longer that of its host changes nothing.
Result<void> take_control_end(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const store::Job& job,
    const JobReport& report);

/// Nothing was heard of the end of a job about a control: it may be given again.
Result<void> lose_control_job(
    Context& context, store::Connection& connection, Trail& trail, const store::Job& job);

/// What a judgement says of the reason of the controls on its host.
/// @param needed  ids of those that cover something that is open there, sorted
Result<void> note_needed_controls(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const std::string& host_id,
    std::span<const std::string> needed);

/// The controls of a host as its decisions see them, by id.
Result<std::vector<prioritize::HostControl>> controls_on_host(
    store::Connection& connection, const std::string& host_id, Instant now);

/// One step of every control that is not retired, each in a transaction of its own.
Result<void> watch_controls(Context& context, Instant now);

}  // namespace thimble::server
