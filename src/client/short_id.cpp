#include "thimble/client/short_id.hpp"

#include <algorithm>
#include <vector>

namespace thimble::client {

std::size_t short_id_width(std::span<const std::string> ids) {
    std::vector<std::string> sorted(ids.begin(), ids.end());
    std::ranges::sort(sorted);
    const auto repeated = std::ranges::unique(sorted);
    sorted.erase(repeated.begin(), repeated.end());
    std::size_t width = kShortestId;
    for (std::size_t at = 1; at < sorted.size(); ++at) {
        const auto apart = std::ranges::mismatch(sorted[at - 1], sorted[at]);
        const auto common = static_cast<std::size_t>(apart.in2 - sorted[at].begin());
        width = std::max(width, common + 1);
    }
    return width;
}

}  // namespace thimble::client
