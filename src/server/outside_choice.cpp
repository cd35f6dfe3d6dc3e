#include "thimble/server/outside_choice.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/mitigate/address_prefix.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace thimble::server {
namespace {

bool can_be_asked(const ProberCandidate& candidate, const ProberWish& wish) {
    const auto address = mitigate::address_in(candidate.address);
    const auto target = mitigate::address_in(wish.target);
    if (!address || !target || address == target
        || mitigate::is_ipv6(*address) != mitigate::is_ipv6(*target)) {
        return false;
    }
    const bool is_allowed = std::ranges::any_of(wish.allowed, [&](const std::string& prefix) {
        return mitigate::is_within(*address, prefix);
    });
    return is_allowed == wish.from_allowed;
}

}  // namespace

std::optional<std::size_t> chosen_prober(
    std::span<const ProberCandidate> candidates, const ProberWish& wish) {
    const auto place_in_ring = [&](std::string_view id) {
        return sha256_of(wish.key + '\n' + std::string(id));
    };
    const std::string start = wish.current.empty() ? "" : place_in_ring(wish.current);
    std::optional<std::size_t> chosen;
    std::tuple<bool, std::string, std::string> best;
    for (std::size_t at = 0; at < candidates.size(); ++at) {
        const ProberCandidate& candidate = candidates[at];
        if (!can_be_asked(candidate, wish)) {
            continue;
        }
        if (candidate.id == wish.current && !wish.is_current_spent) {
            return at;
        }
        std::string place = place_in_ring(candidate.id);
        // Behind who was chosen last comes the next; it comes itself after all others.
        const bool is_behind = !wish.current.empty() && place <= start;
        std::tuple rank{is_behind, std::move(place), candidate.id};
        if (!chosen || rank < best) {
            chosen = at;
            best = std::move(rank);
        }
    }
    return chosen;
}

}  // namespace thimble::server
