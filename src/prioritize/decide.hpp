#pragma once
/// @file Both decision tables for one vulnerability in one package. Pure.

#include "thimble/model/decision.hpp"
#include "thimble/model/vulnerability.hpp"
#include "thimble/prioritize/exposure.hpp"

namespace thimble::prioritize {

/// What the owner has said and agreed.
struct PriorityPolicy {
    model::HumanImpact human_impact = model::HumanImpact::Medium;
    bool human_impact_said = false;
    OwnerExposure exposure = OwnerExposure::Unsaid;
    std::optional<Days> policy_deadline;  ///< for every finding with a fix
    bool kev_known = true;  ///< false: no KEV feed was read, so "not in KEV" is an assumption
    bool cardholder_data = false;  ///< PCI DSS 6.3.3: high and critical within one month
};

/// Runs the tables. Missing inputs: a vulnerability outside KEV without SSVC counts as not
/// automatable with total impact; each default is marked as one.
///   An exploited vulnerability, or one with a public exploit, is never below out-of-cycle while a
///   fix is available.
/// @source CISA BOD 26-04 implementation guidance; SSVC deployer 1.0.0
model::Decision decide(
    const model::VulnerabilityFacts& facts,
    const Exposure& exposure,
    const PriorityPolicy& policy,
    bool fix_available);

/// The earliest of the rules' dates. The clock starts at the earlier of KEV date and detection.
model::DueDate due_date(
    const model::Decision& decision,
    const model::VulnerabilityFacts& facts,
    const PriorityPolicy& policy,
    Instant detected_at);

}  // namespace thimble::prioritize
