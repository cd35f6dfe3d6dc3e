#include "thimble/prioritize/shield.hpp"

#include <algorithm>
#include <tuple>

namespace thimble::prioritize {
namespace {

using model::AttackVector;
using model::ControlKind;

/// Whether nothing but management reaches what is behind it.
bool closes(const HostControl& control) {
    return control.kind == ControlKind::Isolation || control.kind == ControlKind::Hardening;
}

std::optional<ShieldRefusal> refusal_of_reach(AttackVector vector) {
    if (vector == AttackVector::Unknown) {
        return ShieldRefusal::ReachUnknown;
    }
    return vector < AttackVector::Adjacent ? std::optional(ShieldRefusal::NotRemote) : std::nullopt;
}

}  // namespace

std::string_view shield_refusal_text(ShieldRefusal refusal) {
    switch (refusal) {
        case ShieldRefusal::NotVerified: return "it is not proven there within its interval";
        case ShieldRefusal::Expired: return "it has expired";
        case ShieldRefusal::DetectOnly: return "it only detects, and blocks nothing yet";
        case ShieldRefusal::Bypassed: return "the host names a way around it";
        case ShieldRefusal::NotProbed:
            return "the hosts that probe it from outside do not say that it holds";
        case ShieldRefusal::Monitoring: return "monitoring stops no attack";
        case ShieldRefusal::ReachUnknown: return "no CVSS vector says how the attack comes";
        case ShieldRefusal::NotRemote: return "the attack does not come over the network";
        case ShieldRefusal::NotRouted: return "the attack comes from the host's own segment";
        case ShieldRefusal::NeedsPrivileges:
            return "the attack needs privileges, which a rule about requests does not see";
        case ShieldRefusal::KeepsListener: return "it leaves the service reachable";
        case ShieldRefusal::NamesNoSource: return "it names no package whose service it closes";
        case ShieldRefusal::ListenersUnknown:
            return "it is not known what listens there, so that nobody can tell whether it is "
                   "closed";
        case ShieldRefusal::OtherUnit:
            return "what listens of that package is not, or not all, of the unit that it fences in";
    }
    return {};
}

bool covers(const HostControl& control, std::string_view vulnerability, std::string_view source) {
    const bool is_named = std::ranges::find(control.covers, vulnerability) != control.covers.end();
    return is_named
        && (control.sources.empty()
            || std::ranges::find(control.sources, source) != control.sources.end());
}

std::optional<ShieldRefusal> refusal_of(
    const HostControl& control, const model::AttackReach& reach) {
    if (control.kind == ControlKind::Monitoring) {
        return ShieldRefusal::Monitoring;
    }
    if (control.refusal) {
        return control.refusal;
    }
    if (const auto refused = refusal_of_reach(reach.vector)) {
        return refused;
    }
    switch (control.kind) {
        case ControlKind::VirtualPatch:
            return reach.needs_privileges.value_or(true)
                ? std::optional(ShieldRefusal::NeedsPrivileges)
                : std::nullopt;
        case ControlKind::Segmentation:
        case ControlKind::External:
            return reach.vector == AttackVector::Network ? std::nullopt
                                                         : std::optional(ShieldRefusal::NotRouted);
        case ControlKind::Hardening:
            return control.closes_listener ? std::nullopt
                                           : std::optional(ShieldRefusal::KeepsListener);
        case ControlKind::Isolation:
        case ControlKind::Monitoring: break;
    }
    return std::nullopt;
}

namespace {

/// Whether a program is that of a unit, as far as their names tell: nginx of nginx.service, sshd of ssh.service.
bool is_program_of(std::string_view program, std::string_view unit) {
    constexpr std::size_t kMostOfName = 15;  // the kernel keeps no more of it
    const std::string stem(unit.substr(0, unit.find_first_of("@.")));
    return !program.empty()
        && (program == stem.substr(0, kMostOfName)
            || program == (stem + "d").substr(0, kMostOfName));
}

}  // namespace

std::optional<ShieldRefusal> refusal_of_hardening(
    const HostControl& control, const SourceOnHost& source) {
    if (control.sources.empty()) {
        return ShieldRefusal::NamesNoSource;
    }
    if (!source.listens) {
        return ShieldRefusal::ListenersUnknown;
    }
    if (!*source.listens) {
        return std::nullopt;
    }
    if (control.fenced_unit.empty()) {
        return ShieldRefusal::KeepsListener;
    }
    const bool is_whole = !source.programs.empty()
        && std::ranges::all_of(source.programs, [&](std::string_view program) {
               return is_program_of(program, control.fenced_unit);
           });
    return is_whole ? std::nullopt : std::optional(ShieldRefusal::OtherUnit);
}

Exposure behind(const HostControl& control, Exposure exposure) {
    const auto most =
        closes(control) ? model::SystemExposure::Small : model::SystemExposure::Controlled;
    exposure.system = std::min(exposure.system, most);
    exposure.publicly_exposed = false;
    exposure.source = "control";
    exposure.detail = control.name;
    return exposure;
}

Shield shield_of(
    std::span<const HostControl> controls,
    std::string_view vulnerability,
    const SourceOnHost& source,
    const model::AttackReach& reach) {
    const auto goodness = [](const HostControl& control) {
        return std::tuple(closes(control), control.expires_at);
    };
    Shield shield;
    for (const HostControl& control : controls) {
        if (!covers(control, vulnerability, source.name)) {
            continue;
        }
        auto refused = refusal_of(control, reach);
        if (!refused && control.kind == ControlKind::Hardening) {
            refused = refusal_of_hardening(control, source);
        }
        if (!refused
            && (shield.control == nullptr || goodness(*shield.control) < goodness(control))) {
            shield.control = &control;
        }
        if (refused && shield.refused == nullptr) {
            shield.refused = &control;
            shield.refusal = refused;
        }
    }
    if (shield.control != nullptr) {
        shield.refused = nullptr;
        shield.refusal.reset();
    }
    return shield;
}

}  // namespace thimble::prioritize
