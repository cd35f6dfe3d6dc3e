#include "thimble/server/parsed_policies.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/rollout/parse_policy.hpp"

namespace thimble::server {

Result<ParsedPolicies::Kept> ParsedPolicies::of(const std::string& document, std::size_t hosts) {
    const Key key(sha256_of(document), hosts);
    if (const auto known = kept_.find(key); known != kept_.end()) {
        return known->second.policy;
    }
    THIMBLE_TRY(rollout::Policy policy, rollout::parse_policy(document, hosts));
    auto kept = std::make_shared<const rollout::Policy>(std::move(policy));
    make_room(document.size());
    kept_.emplace(key, Entry{kept, document.size()});
    order_.push_back(key);
    bytes_ += document.size();
    return Kept(std::move(kept));
}

void ParsedPolicies::make_room(std::size_t bytes) {
    while (!order_.empty() && bytes_ + bytes > kMostBytes) {
        const auto oldest = kept_.find(order_.front());
        bytes_ -= oldest->second.bytes;
        kept_.erase(oldest);
        order_.pop_front();
    }
}

}  // namespace thimble::server
