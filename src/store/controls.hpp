#pragma once
/// @file Compensating controls: what was asked for, where each stands on its hosts, and what was said of it.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thimble::store {

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
    bool operator==(const ControlRecord&) const = default;
};

Result<void> add_control(Connection& connection, const ControlRecord& control);
/// Its document, interval, approval and state; nothing else of it changes.
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
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const ControlHost&) const = default;
};

/// Adds the host, or puts it in the place of what was known of it.
Result<void> set_control_host(Connection& connection, const ControlHost& host);
/// By host.
Result<std::vector<ControlHost>> hosts_of_control(
    Connection& connection, const std::string& control_id);
/// By control.
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
