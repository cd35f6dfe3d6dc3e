#pragma once
/// @file The policies of rollouts, read from their text once and not with each step.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace thimble::rollout {
struct Policy;
}  // namespace thimble::rollout

namespace thimble::server {

/// Bounded by the length of all texts; those that were read first go first.
class ParsedPolicies {
public:
    /// Shared, so that a step goes on with a policy that had to make room meanwhile.
    using Kept = std::shared_ptr<const rollout::Policy>;

    /// @param hosts  as of rollout::parse_policy
    /// @error as rollout::parse_policy; what cannot be read is not kept
    Result<Kept> of(const std::string& document, std::size_t hosts);

    [[nodiscard]] std::size_t count() const { return kept_.size(); }

    /// Length of all texts whose policies are kept, at most.
    static constexpr std::size_t kMostBytes = 16U << 20U;

private:
    using Key = std::pair<std::string, std::size_t>;  // digest of the text, hosts
    struct Entry {
        Kept policy;
        std::size_t bytes = 0;
    };

    void make_room(std::size_t bytes);

    std::map<Key, Entry> kept_;
    std::deque<Key> order_;
    std::size_t bytes_ = 0;
};

}  // namespace thimble::server
