#pragma once
/// @file What hosts outside are asked of a control on another host, and what they answered last.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::store {

/// One probe of the document of a control, for one of its hosts.
struct ControlProbe {
    std::string control_id;
    std::string host_id;  ///< whose port it is
    std::int64_t number = 0;
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string prober_id = {};  ///< the host that is asked
    std::string job_id = {};     ///< under way; empty: none
    Instant asked_at = {};
    Instant answered_at = {};  ///< 0: never
    std::string answer = {};   ///< a word of the rollout; empty: none yet
    std::string why = {};
    /// The address that was asked about, where the server chose the place; empty: the document names it.
    std::string target = {};
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const ControlProbe&) const = default;
};

/// Adds it, or puts it in the place of what was known of it.
Result<void> set_control_probe(Connection& connection, const ControlProbe& probe);
/// In the order of their numbers.
Result<std::vector<ControlProbe>> probes_of_control_host(
    Connection& connection, const std::string& control_id, const std::string& host_id);
/// On which hosts a control was asked about of some hosts, whether or not they have answered: control and host, each once.
/// @param probers  ascending
Result<std::vector<std::pair<std::string, std::string>>> asked_of(
    Connection& connection, const std::vector<std::string>& probers);
/// Whether somebody was asked about another address of a host than the one that it has now.
Result<bool> was_asked_elsewhere(
    Connection& connection, const std::string& control_id, const std::string& host_id);
/// Those of some hosts of which somebody was, whose controls are not to be looked after now anyway; ascending.
/// @param hosts  at most some thousand ids
Result<std::vector<std::string>> hosts_asked_elsewhere(
    Connection& connection, std::span<const std::string> hosts);
/// The controls on these hosts are to be looked after now.
Result<void> hasten_controls(Connection& connection, std::span<const std::string> hosts);
Result<std::optional<ControlProbe>> control_probe_of_job(
    Connection& connection, const std::string& job_id);
/// What was asked and answered is not true any more; what is still under way is not heard.
Result<void> forget_control_probes(
    Connection& connection, const std::string& control_id, const std::string& host_id);

/// The same of one of them.
Result<void> forget_control_probe(Connection& connection, const ControlProbe& probe);

/// A host that may be asked.
struct ProbingHost {
    std::string id;
    std::string name;
    std::string host_group;
    Instant silent_at;    ///< from then on it is silent
    std::string address;  ///< its own; empty: not known
    bool operator==(const ProbingHost&) const = default;
};
/// Those of that id or name that are neither revoked nor replaced by a later enrolment; at most 2. The id of an enrolment that
/// was replaced means the later one.
Result<std::vector<ProbingHost>> hosts_called(
    Connection& connection, const std::string& name, const std::string& group = "*");
/// Whether a host of that id or name was enrolled and is revoked.
Result<bool> was_host(Connection& connection, const std::string& name);
/// Ids of the enrolments that a host has replaced.
Result<std::vector<std::string>> enrolments_before(
    Connection& connection, const std::string& host_id);

/// Among which hosts somebody to ask is looked for.
struct ProberSearch {
    std::string host_group;  ///< "*": any
    std::string shielded;    ///< id of the host that is not asked itself
    std::string from_id;     ///< the first that is looked at; after the last one comes the first
    Instant now;
};
/// Those that are neither revoked, replaced, silent nor isolated, have an agent of their own, and whose address is known; in
/// the order of their ids. O(most).
Result<std::vector<ProbingHost>> possible_probers(
    Connection& connection, const ProberSearch& search, std::int64_t most);

/// Whether the control is anywhere but on that host.
Result<bool> is_elsewhere(
    Connection& connection, const std::string& control_id, const std::string& host_id);

}  // namespace thimble::store
