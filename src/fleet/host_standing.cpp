#include "thimble/fleet/host_standing.hpp"

#include <algorithm>

namespace thimble::fleet {

bool hides_patches(const HostJudgement& judgement) {
    return !judgement.is_index_asked || std::ranges::any_of(judgement.gaps, report::hides_packages);
}

std::string why_unknown(const HostJudgement& judgement) {
    const auto gap = std::ranges::find_if(judgement.gaps, report::hides_packages);
    if (gap != judgement.gaps.end()) {
        return gap->detail;
    }
    if (!judgement.is_index_asked) {
        return "its repositories were not asked what they offer";
    }
    if (judgement.numbers.unknown > 0) {
        return std::to_string(judgement.numbers.unknown) + " packages could not be judged";
    }
    return "";
}

std::string why_silent(Instant last_seen) {
    return "not heard of since " + format_instant(last_seen);
}

}  // namespace thimble::fleet
