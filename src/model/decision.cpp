#include "thimble/model/decision.hpp"

#include <string_view>

namespace thimble::model {

std::string_view ssvc_outcome_name(SsvcOutcome outcome) {
    switch (outcome) {
        case SsvcOutcome::Defer: return "defer";
        case SsvcOutcome::Scheduled: return "scheduled";
        case SsvcOutcome::OutOfCycle: return "out-of-cycle";
        case SsvcOutcome::Immediate: return "immediate";
    }
    return "immediate";
}

std::string_view system_exposure_name(SystemExposure exposure) {
    switch (exposure) {
        case SystemExposure::Small: return "small";
        case SystemExposure::Controlled: return "controlled";
        case SystemExposure::Open: return "open";
    }
    return "open";
}

std::string_view human_impact_name(HumanImpact impact) {
    switch (impact) {
        case HumanImpact::Low: return "low";
        case HumanImpact::Medium: return "medium";
        case HumanImpact::High: return "high";
        case HumanImpact::VeryHigh: return "very high";
    }
    return "very high";
}

}  // namespace thimble::model
