#pragma once
/// @file What a compensating control changes: which inputs of the decision about a finding, or why none. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/model/attack_reach.hpp"
#include "thimble/model/control.hpp"
#include "thimble/prioritize/exposure.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::prioritize {

/// Why a control that covers a finding does not count.
enum class ShieldRefusal : std::uint8_t {
    NotVerified,  ///< not proven on that host within its interval
    Expired,
    DetectOnly,       ///< a virtual patch that does not block yet
    Bypassed,         ///< the host names a way around it
    NotProbed,        ///< hosts outside were to try it, and do not say that it holds
    Monitoring,       ///< being seen stops no attack
    ReachUnknown,     ///< no CVSS vector says how the attack comes
    NotRemote,        ///< the attack does not come over the network
    NotRouted,        ///< the attack comes from the own segment, which segmentation does not divide
    NeedsPrivileges,  ///< a rule about single requests does not see who is signed in
    KeepsListener,    ///< hardening that leaves the service reachable changes no input
    NamesNoSource,    ///< hardening that names no package may close something else
    ListenersUnknown,  ///< whether hardening closed the service cannot be told
    OtherUnit,  ///< hardening fences in a unit of which not all is that listens of that package
};
/// A sentence for people: "it is not proven there within its interval".
std::string_view shield_refusal_text(ShieldRefusal refusal);

/// A control on one host, as its decisions see it.
struct HostControl {
    std::string id;
    std::string name;
    model::ControlKind kind = model::ControlKind::External;
    std::vector<std::string> covers;   ///< ids of vulnerabilities
    std::vector<std::string> sources;  ///< source packages; empty: any
    Instant expires_at;
    std::optional<ShieldRefusal> refusal;  ///< that stands whatever the finding
    bool closes_listener = false;          ///< of Hardening: nobody reaches the service any more
    /// Of Hardening after which the socket is still there: whose unit it is; empty: the socket is gone.
    std::string fenced_unit = {};  // NOLINT(readability-redundant-member-init): see SourceOnHost
    bool operator==(const HostControl&) const = default;
};

/// Whether a control is about a vulnerability in a source package.
bool covers(const HostControl& control, std::string_view vulnerability, std::string_view source);

/// Why it does not count against an attack that comes so; none: it counts.
/// @source workflow: monitoring never lowers a deadline; a rule of a web application firewall does not count when the
///         vector is local, authenticated or stateful, or the service is reachable around it
std::optional<ShieldRefusal> refusal_of(
    const HostControl& control, const model::AttackReach& reach);

/// The exposure behind a control that counts: what is isolated or closed is small, else it is controlled at most; in
/// no case is it publicly exposed.
Exposure behind(const HostControl& control, Exposure exposure);

/// The source package of a finding, as its host shows it.
struct SourceOnHost {
    std::string_view name;
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::optional<bool> listens =
        {};  ///< others than the host reach a socket of it; none: not known
    std::vector<std::string_view> programs =
        {};  ///< of its sockets that others reach; "": not known
    // NOLINTEND(readability-redundant-member-init)
};

/// Why hardening does not concern a source package on its host; none: it does. What was switched off must be seen to
/// listen no more; a unit that is only fenced in must be called as every program of the package that listens, but
/// for a `d` at the end of the program.
std::optional<ShieldRefusal> refusal_of_hardening(
    const HostControl& control, const SourceOnHost& source);

/// What controls do for one finding.
struct Shield {
    const HostControl* control = nullptr;  ///< the one that counts; none does
    const HostControl* refused = nullptr;  ///< when none counts: the first that covers it
    std::optional<ShieldRefusal> refusal;  ///< of that one
};

/// Of several that count the one that leaves the least exposure, then the one that lasts longest, then the first.
Shield shield_of(
    std::span<const HostControl> controls,
    std::string_view vulnerability,
    const SourceOnHost& source,
    const model::AttackReach& reach);

}  // namespace thimble::prioritize
