#pragma once
/// @file Compensating controls, as a person asks for them, says yes to them and looks at them.

#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/client/fleet_context.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::client {

/// A control that was asked for.
struct RequestedControl {
    std::string id;
    std::string digest;  ///< of its document
    std::vector<std::string>
        warnings;  ///< names of which the server knows nothing, a sentence each
};
/// @param request  JSON with the members of docs/formats/server-api.md
/// @param why      takes the place of the member of that name, unless empty
/// @error Invalid "client.bad_request"  no JSON object; as ApiConnection::ask
Result<RequestedControl> request_control(
    const FleetContext& context, std::string_view request, const std::string& why);

/// What is meant by who says yes.
struct ControlApproval {
    std::string control;
    std::string digest;  ///< of the document
    std::string until;   ///< of more time: its end; empty: nobody asks for any
    std::string why;
};
/// @error of these: as ApiConnection::ask
Result<void> approve_control(const FleetContext& context, const ControlApproval& approval);
Result<void> enforce_control(
    const FleetContext& context, const std::string& control, const std::string& why);

/// What a person does to a control.
struct ControlAct {
    std::string control;
    std::string act;      ///< "deploy", "resume", "verify", "attest", "renew", "retire"
    std::string host_id;  ///< empty: all of its hosts
    std::string until;    ///< of "renew"; of "attest", empty: as long as it may be
    std::string why;      ///< of "attest" the evidence
};
Result<void> act_on_control(const FleetContext& context, const ControlAct& act);

/// Which kinds of control would help against a vulnerability, as the server says it.
Result<JsonValue> control_proposals(const FleetContext& context, const std::string& vulnerability);

/// Of findings that a control covers: which one, until when, what is due with it and without, or why it does not
/// count; a line each, empty: none is covered. Pure.
std::string shield_lines(std::span<const JsonValue> findings);

/// Proposals for people: of each place the kinds, best first; then the hosts on which it may be open, too. Pure.
std::string proposal_lines(const JsonValue& proposals);
/// Whether proposals are about every host on which it may be open. Pure.
bool is_whole(const JsonValue& proposals);
/// Pure. @error NotFound "client.no_vulnerability"  neither a feed nor a changelog of a host names it
Result<void> check_is_named(const JsonValue& proposals);
/// Who asks for more time for a control, and until when; empty: nobody. Pure.
std::string renewal_line(const JsonValue& control);
/// A control, its hosts and the latest that was said of it, for people. Pure.
std::string control_lines(
    const JsonValue& control, std::span<const JsonValue> hosts, std::span<const JsonValue> checks);

}  // namespace thimble::client
