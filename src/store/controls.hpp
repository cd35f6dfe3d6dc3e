#pragma once
/// @file Compensating controls: what was asked for, where each stands on its hosts, and what was said of it.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"
#include "thimble/store/rollouts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thimble::store {

/// What has no time of its own.
inline constexpr Instant kNever{std::chrono::seconds(253'402'300'799)};

/// Kinds, states and rules are words of the model and the rollout.
struct ControlRecord {
    std::string id;
    std::string name;
    std::string kind;
    std::string document;  ///< canonical, docs/formats/control.md
    std::string digest;    ///< SHA-256 of it
    std::string owner;
    std::string requester;  ///< "user:NAME"
    Instant requested_at;
    std::string why;
    std::vector<std::string> covers;   ///< ids of vulnerabilities, none with a comma
    std::vector<std::string> sources;  ///< source packages; empty: any
    std::string scope;                 ///< JSON
    std::string host_group;            ///< that the rights of who asked are limited to, or *
    std::string vector;                ///< what it stands against, for people
    std::string residual_risk;
    std::int64_t verify_seconds = 0;
    Instant expires_at;
    std::string retirement;
    std::string approver;
    Instant approved_at;  ///< 0: not yet
    std::string state;
    Instant since;
    std::int64_t at_once = 20;  ///< how many hosts change at once
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string stopped_why = {};  ///< why it is put up on no further host; empty: it is
    std::int64_t renewals = 0;
    std::string renewal_by = {};  ///< who asks for more time; empty: nobody
    Instant renewal_until = {};
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const ControlRecord&) const = default;
};

Result<void> add_control(Connection& connection, const ControlRecord& control);
/// Its document, interval, end, renewal, approval, state and stop; nothing else of it changes.
Result<void> set_control(Connection& connection, const ControlRecord& control);
Result<std::optional<ControlRecord>> control_of(Connection& connection, const std::string& id);
/// Those that are not retired, by id.
Result<std::vector<ControlRecord>> live_controls(Connection& connection);

struct ControlHost {
    std::string control_id;
    std::string host_id;
    std::string state;
    Instant since;
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string job_id = {};     ///< under way; empty: none
    std::string digest = {};     ///< of the document that was put up last; empty: none was
    std::string mode = {};       ///< as the host says: "detect", "block"; empty: it has none
    std::int64_t tries = 0;      ///< to deploy or to remove, without success
    Instant tried_at = {};       ///< when the last job ended
    Instant installed_at = {};   ///< 0: never
    Instant last_verified = {};  ///< when it was seen to hold; 0: never
    std::string evidence = {};   ///< digest of the latest report
    std::string bypass = {};     ///< ways around it that the host names; empty: none
    std::string why = {};
    Instant removal_proposed_at = {};  ///< 0: it is not
    Instant due_at = {};               ///< when it is looked at next
    Instant turn_at = kNever;          ///< from when it waits for its turn to be changed
    std::string job_kind = {};         ///< of the job that is under way
    bool left_scope = false;      ///< it goes, or is gone, as its host left; with it, it comes back
    Instant attested_until = {};  ///< of what is outside of all hosts; 0: nobody has said so
    std::string outside = {};     ///< what hosts outside say of it; empty: nobody was asked
    std::string outside_why = {};
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const ControlHost&) const = default;
};

/// Adds the host, or puts it in the place of what was known of it.
Result<void> set_control_host(Connection& connection, const ControlHost& host);
/// By host. All of them: for what a person does once.
Result<std::vector<ControlHost>> hosts_of_control(
    Connection& connection, const std::string& control_id);
Result<std::optional<ControlHost>> control_host_of(
    Connection& connection, const std::string& control_id, const std::string& host_id);
/// Those that are due, the oldest first, of any control.
Result<std::vector<ControlHost>> due_control_hosts(
    Connection& connection, Instant now, std::int64_t most);
/// Which of the hosts of a control are asked for.
struct ControlTurn {
    std::string control_id;
    bool is_removal = false;  ///< those that are to be retired, else those where it is to be put up
    Instant now;
};
/// Those that wait for their turn, the oldest first; of silent hosts none: they would take the turn of others.
Result<std::vector<ControlHost>> hosts_awaiting_turn(
    Connection& connection, const ControlTurn& turn, std::int64_t most);
/// Those that have a job.
Result<std::vector<ControlHost>> busy_control_hosts(
    Connection& connection, const std::string& control_id);

/// The words of the states in which the control stands somewhere, in no order.
Result<std::vector<std::string>> states_of_control_hosts(
    Connection& connection, const std::string& control_id);
/// The groups of the hosts on which it is not retired.
Result<std::vector<std::string>> groups_of_control(
    Connection& connection, const std::string& control_id);

/// How far one document of a control has come. O(hosts).
struct ControlTally {
    std::int64_t up = 0;         ///< put up, as their hosts said
    std::int64_t proven = 0;     ///< of these: verified
    std::int64_t unproven = 0;   ///< of these: lapsed without having held once
    std::int64_t lapsed = 0;     ///< of these: lapsed after they had held
    std::int64_t failed = 0;     ///< could not be put up
    std::int64_t deploying = 0;  ///< have a job to put it up, whichever document
    std::int64_t removing = 0;   ///< have a job to take it away
    bool operator==(const ControlTally&) const = default;
};
Result<ControlTally> tally_of_control(
    Connection& connection, const std::string& control_id, const std::string& digest);

/// All hosts of a control that are in one of some states, and have no job, go to another one at once, with what they
/// wait for. Their judgements are doubted.
struct ControlMove {
    std::vector<std::string> from;
    std::string to;
    Instant since;
    std::string why;
    Instant due_at;
    Instant turn_at = kNever;
    bool is_untouched = false;  ///< of these those alone to which nothing was ever done
};
Result<void> move_control_hosts(
    Connection& connection, const std::string& control_id, const ControlMove& move);
/// Where it is wanted and does not have that document, it may be tried again from now on.
Result<void> retry_control_hosts(
    Connection& connection, const std::string& control_id, const std::string& digest, Instant now);
/// Nothing is taken for put up any more, but where a removal waits.
Result<void> forget_control_digests(Connection& connection, const std::string& control_id);
/// What was put up and never held is not taken for put up any more.
Result<void> forget_unproven_digests(Connection& connection, const std::string& control_id);
/// It ends at another time: each of its hosts is looked at, at the latest then, and judged again.
Result<void> set_control_end(Connection& connection, const std::string& control_id, Instant end);
/// Where it is put up and has no job, it is looked at as if it never was.
Result<void> look_at_control_hosts(
    Connection& connection, const std::string& control_id, Instant now);

/// Hosts that came, went or changed since an entry of the audit log.
struct ChangedHosts {
    std::vector<std::string> ids;  ///< ascending
    std::int64_t up_to = 0;        ///< the last entry that was looked at
};
/// @param most  how many entries are looked at
Result<ChangedHosts> hosts_changed_since(
    Connection& connection, std::int64_t entry, std::int64_t most);
/// Those of some hosts that a control may be for, by id.
Result<std::vector<RolloutCandidate>> candidates_among(
    Connection& connection, const std::vector<std::string>& ids);
/// By control; where it is not retired.
Result<std::vector<ControlHost>> controls_of_host(
    Connection& connection, const std::string& host_id);
Result<std::optional<ControlHost>> control_host_of_job(
    Connection& connection, const std::string& job_id);

/// The host is due to be judged again: what shields it has changed.
Result<void> doubt_judgement(Connection& connection, const std::string& host_id);

struct ControlCheck {
    std::string control_id;
    std::string host_id;
    Instant at;
    std::string action;    ///< "deploy", "verify", "remove", "attest"
    std::string said;      ///< the state of the report, or of the job's end
    std::string state;     ///< where the control stands there since
    std::string actor;     ///< "host:ID", "user:NAME", "server"
    std::string document;  ///< digest of the report; empty: none came
    std::string why;
    bool operator==(const ControlCheck&) const = default;
};
/// Behind those before it.
Result<void> add_control_check(Connection& connection, const ControlCheck& check);
/// In their order.
Result<std::vector<ControlCheck>> checks_of_control(
    Connection& connection, const std::string& control_id, const std::string& host_id);

}  // namespace thimble::store
