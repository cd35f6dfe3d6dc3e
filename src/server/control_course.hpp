#pragma once
/// @file Drives compensating controls: what was asked for becomes jobs, what hosts report moves them, and what counts
/// is put before the decisions. Within transactions; the decisions are those of the rollout and of prioritize.

#include "thimble/base/instant.hpp"
#include "thimble/prioritize/shield.hpp"
#include "thimble/rollout/control_course.hpp"
#include "thimble/rollout/policy.hpp"
#include "thimble/server/context.hpp"
#include "thimble/server/parse_job_report.hpp"
#include "thimble/store/control_probes.hpp"
#include "thimble/store/controls.hpp"
#include "thimble/store/jobs.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thimble::server {

struct OutsidePlace;  // see outside_places.hpp
struct OutsidePlan;   // likewise

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

/// Whether one of the vulnerabilities that a control covers is in KEV.
Result<bool> covers_kev(const Context& context, const store::ControlRecord& record);

/// One control in one transaction. Its hosts are read one by one, as they are moved.
class ControlCourse {
public:
    /// @error NotFound "server.no_control"
    static Result<ControlCourse> open(
        Context& context, store::Connection& connection, Trail& trail, const std::string& id);

    [[nodiscard]] const store::ControlRecord& record() const { return record_; }
    /// Its document, interval, end, renewal, approval or stop changes; kept by `settle` and `settle_whole`.
    store::ControlRecord& change() { return record_; }

    /// Takes what happened into one host: the state, what was said, the audit log, and the judgement of that host.
    /// What is to be taken away loses the job that it has; where nothing was ever put up, nothing is taken away. Keeps
    /// the host.
    /// @param event  none: something was said that moves nothing
    Result<void> happen(
        store::ControlHost& host,
        std::optional<rollout::ControlEvent> event,
        const ControlWord& word);

    /// Somebody agreed to it, or takes all of it away: into the control itself and all of its hosts at once.
    Result<void> approve();
    Result<void> retire(const ControlWord& word);

    /// It ends at another time.
    Result<void> end_at(Instant end);
    /// What it covers has come into KEV since it was agreed to: at most 14 days are left.
    Result<void> shorten();

    /// Hosts that have come into the scope, and those that have left it. O(hosts).
    /// @param candidates  every host, by id
    Result<void> follow_scope(std::span<const rollout::HostFacts> candidates);
    /// The same for one host.
    /// @param facts  none: it is there no more
    Result<void> follow_host(const std::string& host_id, const rollout::HostFacts* facts);
    /// The same for one host as the database has it.
    Result<void> follow_host(const std::string& host_id);

    /// What time has brought about on one host, and its verification where that is due; keeps the host.
    Result<void> settle_host(store::ControlHost& host);
    /// Its host says that it holds there: hosts outside that its document names are asked, too, or where it names none those that
    /// are chosen. Keeps the host.
    Result<void> ask_outside(store::ControlHost& host);
    /// A host that was asked has changed: where it is revoked, replaced, or out of reach of the rights of who asked for the
    /// control, what it said is no proof any more; nor is what anybody said of another address of the shielded host. Others are
    /// asked, or the same anew. Keeps the host.
    Result<void> doubt_answers(store::ControlHost& host);
    /// What hosts outside say by now: a refused place that gets through means that it does not hold, whatever its own host
    /// says; once it does not, it holds again. Keeps the host.
    Result<void> weigh_outside(store::ControlHost& host, const std::string& actor);
    /// Jobs that change hosts, for as many as may have their turn; none while everything is halted.
    Result<void> give_turns();
    /// Puts it up on one host now, whatever has stopped it on others; keeps the host.
    /// @error Conflict "server.not_so"  everything is halted, or it has expired
    Result<void> give_turn_alone(store::ControlHost& host);
    /// Where it stands as a whole, by its hosts; keeps it.
    Result<void> settle_whole();
    /// What is due of it after something that a person did: turns, and the whole.
    Result<void> settle();

private:
    ControlCourse(Context& context, store::Connection& connection, Trail& trail)
        : context_(context), connection_(connection), trail_(trail) {}

    Result<void> move(
        store::ControlHost& host, rollout::ControlState state, const ControlWord& word);
    void set_due(store::ControlHost& host) const;
    Result<bool> is_in_scope(const rollout::HostFacts* facts);
    Result<void> follow(
        const std::string& host_id,
        std::optional<store::ControlHost> host,
        const rollout::HostFacts* facts);
    Result<void> enter_scope(const std::string& host_id);
    Result<void> leave_scope(store::ControlHost& host, bool is_there);
    Result<void> come_back(store::ControlHost& host);
    Result<void> withdraw_job(store::ControlHost& host);
    Result<void> remind();
    Result<void> forget_outside(store::ControlHost& host);
    /// @param candidates  of the host's places, once they are read
    Result<void> ask_place(
        store::ControlProbe& row,
        const OutsidePlan& plan,
        const OutsidePlace& place,
        std::optional<std::vector<store::ProbingHost>>& candidates);
    Result<void> give_job(store::ControlHost& host, rollout::ControlJob job);
    Result<bool> waits(bool is_removal);
    Result<void> give_turns_to(bool is_removal, std::int64_t most);

    Context& context_;
    store::Connection& connection_;
    Trail& trail_;
    store::ControlRecord record_;
    store::ControlRecord kept_;  ///< as the database has it
    std::optional<rollout::HostQuery> scope_;
    std::int64_t reminders_ =
        0;  ///< of its hosts for which somebody is to be reminded; told with the whole
};

/// The end of a job about a control. A job that is no longer that of its host changes nothing.
Result<void> take_control_end(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const store::Job& job,
    const JobReport& report);

/// The same of a job by which a host outside was asked; others are none of its business.
Result<void> take_probe_end(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const store::Job& job,
    const JobReport& report);
Result<void> lose_probe_job(
    Context& context, store::Connection& connection, Trail& trail, const store::Job& job);

/// Nothing was heard of the end of a job about a control: it may be given again.
Result<void> lose_control_job(
    Context& context, store::Connection& connection, Trail& trail, const store::Job& job);

/// What a judgement says of the reason of the controls on its host: one without any is proposed for removal, or removed.
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

/// What time has brought about: hosts that came into or left a scope, at most 2000 hosts of which something is due,
/// the oldest first, and the turns of every control that is not retired. In transactions of their own.
Result<void> watch_controls(Context& context, Instant now);

}  // namespace thimble::server
