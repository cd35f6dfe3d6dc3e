#pragma once
/// @file A decision about a finding: how soon, by which rule, from which inputs.

#include "thimble/base/instant.hpp"
#include "thimble/model/vulnerability.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

enum class SystemExposure : std::uint8_t { Small, Controlled, Open };
enum class HumanImpact : std::uint8_t { Low, Medium, High, VeryHigh };
enum class SsvcOutcome : std::uint8_t { Defer, Scheduled, OutOfCycle, Immediate };

/// "defer", "scheduled", "out-of-cycle", "immediate".
std::string_view ssvc_outcome_name(SsvcOutcome outcome);
/// "small", "controlled", "open".
std::string_view system_exposure_name(SystemExposure exposure);
/// "low", "medium", "high", "very high".
std::string_view human_impact_name(HumanImpact impact);

/// One input of a decision. Views refer to static text.
struct DecisionInput {
    std::string_view name;
    std::string value;
    std::string_view source;       ///< feed, "listening sockets", "owner", "default"
    std::optional<Instant> as_of;  ///< date of the value, where its source has one
    bool operator==(const DecisionInput&) const = default;
};

/// What both tables say, and what the order of work needs.
struct Decision {
    SsvcOutcome outcome =
        SsvcOutcome::Defer;  ///< of the deployer table, raised for exploited and PoC
    int ssvc_row = 0;
    int bod_row = 0;
    std::optional<Days> deadline;  ///< BOD 26-04; absent: with the next system upgrade
    bool forensic = false;         ///< collect evidence before patching
    bool raised = false;           ///< the outcome was raised because an exploit exists
    bool kev = false;
    bool exploited_elsewhere = false;
    bool public_poc = false;
    SystemExposure exposure = SystemExposure::Small;
    HumanImpact human_impact = HumanImpact::Medium;
    std::uint32_t epss_millionths = 0;
    std::optional<Instant> kev_added;
    std::vector<DecisionInput> inputs;
    bool operator==(const Decision&) const = default;
};

/// When a finding is due, and which rule won.
struct DueDate {
    std::optional<Instant> due;  ///< absent: with the next system upgrade
    std::string rule;            ///< "BOD 26-04 row 8"
    bool operator==(const DueDate&) const = default;
};

}  // namespace thimble::model
