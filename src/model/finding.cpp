#include "thimble/model/finding.hpp"

#include <string_view>

namespace thimble::model {

std::string_view finding_status_name(FindingStatus status) {
    switch (status) {
        case FindingStatus::AffectedFixAvailable: return "affected_fix_available";
        case FindingStatus::AffectedNoFix: return "affected_no_fix";
        case FindingStatus::AffectedFixNotInMyRepos: return "affected_fix_not_in_my_repos";
        case FindingStatus::FixedInstalledNotRunning: return "fixed_installed_not_running";
        case FindingStatus::Fixed: return "fixed";
        case FindingStatus::NotAffected: return "not_affected";
        case FindingStatus::UnderInvestigation: return "under_investigation";
        case FindingStatus::Unknown: return "unknown";
    }
    return "unknown";
}

bool is_open(FindingStatus status) {
    return status != FindingStatus::Fixed && status != FindingStatus::NotAffected;
}

}  // namespace thimble::model
