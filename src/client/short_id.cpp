#include "thimble/client/short_id.hpp"

#include "thimble/base/utf8.hpp"

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

Result<bool> names_digest(std::string_view named, std::string_view digest) {
    if (named.size() < std::min(kShortestDigest, digest.size())) {
        return failure(
            ErrorKind::Invalid,
            "client.short_digest",
            "\"" + printable(named) + "\" is too little of a digest to say what is meant: at least "
                + std::to_string(kShortestDigest) + " characters");
    }
    return digest.starts_with(named);
}

}  // namespace thimble::client
