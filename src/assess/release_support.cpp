#include "thimble/assess/release_support.hpp"

#include "thimble/assess/host_sections.hpp"
#include "thimble/model/debian_release.hpp"

namespace thimble::assess {

std::optional<Instant> support_end(const model::OsRelease& os) {
    const std::vector<SectionName> sections = sections_of(os);
    if (sections.empty()) {
        return std::nullopt;
    }
    // "Debian:12", "Ubuntu:22.04:LTS": the release is the second part.
    const std::string_view key = sections.front().key;
    const std::size_t colon = key.find(':');
    const std::string_view rest = key.substr(colon + 1);
    const std::string_view version = rest.substr(0, rest.find(':'));
    const model::DistributionRelease* release = model::find_release(key.substr(0, colon), version);
    if (release == nullptr || !release->support_ends) {
        return std::nullopt;
    }
    // Debian's long-term support is for everyone; Ubuntu's extended maintenance is for subscribers.
    const bool extended = os.id == "debian" && release->extended_ends;
    return Instant{(extended ? *release->extended_ends : *release->support_ends) + Days{1}};
}

}  // namespace thimble::assess
