#pragma once
/// @file Which kinds of compensating control would help against one vulnerability in one package. Pure.

#include "thimble/prioritize/decide.hpp"
#include "thimble/prioritize/shield.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace thimble::prioritize {

/// One kind of control, were it verified there.
struct ControlProposal {
    model::ControlKind kind = model::ControlKind::External;
    std::optional<ShieldRefusal> refusal;  ///< why it would not count; none: it would
    bool changes_decision = false;         ///< another outcome, or another due date
    model::Decision decision;              ///< with it
    model::DueDate due;                    ///< with it
    std::string_view remains;              ///< the risk that is left, a sentence
    bool operator==(const ControlProposal&) const = default;
};

/// The vulnerability where it was found.
struct ShieldedPlace {
    const model::VulnerabilityFacts& facts;
    Exposure exposure;
    bool has_fix = false;
    Instant detected_at;
};

/// Every kind, best first: those that count before those that do not, those that change the decision before those
/// that do not, a virtual patch against an attack on availability alone behind the others of these, since that is often
/// one on the protocol, which has no request to be matched; then what leaves the longest time and the mildest outcome, then what disturbs the least. Hardening is
/// taken for one that closes the service.
std::vector<ControlProposal> propose_controls(
    const ShieldedPlace& place, const PriorityPolicy& policy);

}  // namespace thimble::prioritize
